import Glibc

/// Where PocketSphinx's models are installed.
public enum RecogniserModel {
    /// The `modeldir` that pocketsphinx's package description gives, or Debian's where there is none (it comes with the
    /// development package, which a machine that only runs calls does not need).
    public static let folder =
        descriptions.lazy.compactMap { SystemText.read($0) }.compactMap(modelFolder).first ?? debian

    static let debian = "/usr/share/pocketsphinx/model"

    /// Where pkg-config looks: its own folders after those of PKG_CONFIG_PATH.
    private static var descriptions: [String] {
        let own = getenv("PKG_CONFIG_PATH").map { String(cString: $0) } ?? ""
        let standard = [
            "/usr/local/lib/pkgconfig", "/usr/local/share/pkgconfig", "/usr/lib/pkgconfig",
            "/usr/lib/x86_64-linux-gnu/pkgconfig", "/usr/lib/aarch64-linux-gnu/pkgconfig", "/usr/share/pkgconfig",
        ]
        return (own.split(separator: ":").map(String.init) + standard).map { $0 + "/pocketsphinx.pc" }
    }

    /// `modeldir` of the text of a package description, whose lines are `name=value` with `${name}` for earlier ones.
    static func modelFolder(_ description: String) -> String? {
        var values: [String: String] = [:]
        for line in description.split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "=") else { continue }
            var value = String(line[line.index(after: equals)...])
            for (name, known) in values { value.replace("${\(name)}", with: known) }
            values[String(line[..<equals])] = value
        }
        return values["modeldir"].flatMap { $0.isEmpty || $0.contains("$") ? nil : $0 }
    }
}
