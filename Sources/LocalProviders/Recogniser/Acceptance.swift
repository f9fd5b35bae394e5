/// Whether a grammar's path is good enough to be believed.
enum Acceptance {
    struct Fit: Equatable {
        var confidence: Double
        var isAccepted: Bool
    }

    static func fit(of path: DecodedPath, against phones: DecodedPath?) -> Fit { Fit(confidence: 1, isAccepted: true) }
}
