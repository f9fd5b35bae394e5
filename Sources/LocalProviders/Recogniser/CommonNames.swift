/// Names that many callers have, beside those an agent file lists. All are in the model's dictionary (a test looks).
///
/// Source: our choice of names common in the United States since 1950, first and last.
enum CommonNames {
    static let first = words(
        """
        james mary robert patricia john jennifer michael linda david elizabeth william barbara richard susan joseph
        jessica thomas sarah charles karen christopher lisa daniel nancy matthew betty anthony sandra mark margaret
        donald ashley steven kimberly paul emily andrew donna joshua michelle kenneth carol kevin amanda brian melissa
        george deborah timothy stephanie ronald rebecca jason laura edward sharon jeffrey cynthia ryan kathleen jacob
        amy gary shirley nicholas angela eric helen jonathan anna stephen brenda larry pamela justin nicole scott
        samantha brandon katherine benjamin emma samuel ruth gregory christine frank catherine patrick olivia
        raymond maria jack julia dennis victoria jerry martha peter alice adam grace henry rose
        """)
    static let last = words(
        """
        smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson
        anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson
        walker young allen king wright scott torres hill flores green adams nelson baker hall rivera campbell mitchell
        carter roberts gomez phillips evans turner diaz parker cruz edwards collins reyes stewart morris morales murphy
        cook rogers gutierrez ortiz morgan cooper peterson bailey reed kelly howard ramos kim cox ward richardson watson
        brooks chavez wood james bennett gray mendoza ruiz hughes price alvarez castillo sanders patel myers long ross
        foster jordan fisher
        """)

    private static func words(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
