import Glibc

/// What is installed of the parts that recognise and speak in the process, for `parley doctor` to print.
///
/// It looks at files and loaded libraries only: no model is opened, no voice made, no program run.
public struct Inventory: Sendable, Equatable {
    /// One part, found or not.
    public struct Part: Sendable, Equatable, CustomStringConvertible {
        public enum Kind: String, Sendable { case recogniser, model, voice }

        public var kind: Kind
        /// `pocketsphinx`, `en-us dictionary`, `kal`.
        public var name: String
        /// Where it lies; nil: it is missing.
        public var path: String?
        /// The Debian package that brings it.
        public var package: String

        public var isInstalled: Bool { path != nil }
        /// `voice kal: /usr/lib/...` or `voice kal: missing: apt-get install libflite1`.
        public var description: String {
            "\(kind.rawValue) \(name): " + (path ?? "missing: apt-get install \(package)")
        }
    }

    /// The recogniser's library, its models, then the voices by name as `FliteVoice` lists them.
    public var parts: [Part]

    public var missing: [Part] { parts.filter { !$0.isInstalled } }
    /// Whether a call can be recognised here.
    public var canRecognise: Bool { missing.allSatisfy { $0.kind == .voice } }
    /// Names for `FliteVoice`.
    public var voices: [String] { parts.filter { $0.kind == .voice && $0.isInstalled }.map(\.name) }

    /// Looks.
    ///
    /// - Parameter modelFolder: Where the recogniser's models are sought; by default where the recogniser seeks them.
    public static func take(modelFolder: String = RecogniserModel.folder) -> Inventory {
        let model = modelFolder + "/en-us"
        return Inventory(
            parts: [
                Part(
                    kind: .recogniser, name: "pocketsphinx", path: library(of: "ps_init"),
                    package: "libpocketsphinx3"),
                Part(
                    kind: .model, name: "en-us acoustic", path: existing(model + "/en-us", holding: "mdef"),
                    package: "pocketsphinx-en-us"),
                Part(
                    kind: .model, name: "en-us dictionary", path: existing(model + "/cmudict-en-us.dict"),
                    package: "pocketsphinx-en-us"),
            ]
                + FliteVoice.voiceNames.map { voice in
                    Part(
                        kind: .voice, name: voice, path: library(of: "register_cmu_us_" + voice), package: "libflite1")
                })
    }

    private static func existing(_ path: String, holding file: String? = nil) -> String? {
        access(file.map { path + "/" + $0 } ?? path, R_OK) == 0 ? path : nil
    }

    /// The file of the loaded library that defines `symbol`; the program itself where it is linked statically.
    private static func library(of symbol: String) -> String? {
        guard let address = dlsym(nil, symbol), let maps = SystemText.read("/proc/self/maps") else { return nil }
        return mappedFile(at: UInt(bitPattern: address), in: maps)
    }

    /// The path in the line of a process's memory map (`proc(5)`) whose range holds `address`:
    /// `7f00-7f10 r-xp 00000000 08:01 1234   /usr/lib/libflite.so.1`.
    static func mappedFile(at address: UInt, in maps: String) -> String? {
        for line in maps.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            let ends = fields.first?.split(separator: "-").compactMap { UInt($0, radix: 16) } ?? []
            guard ends.count == 2, (ends[0]..<ends[1]).contains(address), fields.count == 6 else { continue }
            let path = fields[5].drop { $0 == " " }
            return path.hasPrefix("/") ? String(path) : nil
        }
        return nil
    }
}
