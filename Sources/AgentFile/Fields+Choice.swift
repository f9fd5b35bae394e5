extension Fields {
    /// One of an enumeration's raw values.
    func choice<T: RawRepresentable & CaseIterable>(_ key: String) -> T? where T.RawValue == String {
        choice(key, of: T.allCases.map(\.rawValue)).flatMap(T.init(rawValue:))
    }
}
