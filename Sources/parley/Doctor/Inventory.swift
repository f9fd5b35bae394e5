import COpus
import CSampleRate
import CSndFile
import Foundation
import LocalProviders

/// What is installed here: versions of linked libraries, and files and programs at the places where Debian puts them.
enum Inventory {
    static func take() -> [Finding] {
        libraries + providers + programs + [prompts]
    }

    private static var libraries: [Finding] {
        [
            Finding(name: "swift", found: swiftVersion, package: "swiftlang"),
            Finding(name: "libopus", found: String(cString: opus_get_version_string()), package: "libopus0"),
            Finding(name: "libsamplerate", found: String(cString: src_get_version()), package: "libsamplerate0"),
            Finding(name: "libsndfile", found: String(cString: sf_version_string()), package: "libsndfile1"),
        ]
    }

    /// The recogniser, its model and the voices. A call needs all of them but the further voices.
    private static var providers: [Finding] {
        LocalProviders.Inventory.take().parts.map { part in
            Finding(
                name: "\(part.kind.rawValue) \(part.name)", found: part.path, package: part.package,
                isNeeded: part.kind != .voice || part.name == "kal")
        }
    }

    private static var programs: [Finding] {
        [("sox", "sox"), ("flite", "flite"), ("espeak-ng", "espeak-ng")].map { name, package in
            let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
            let path = folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
            return Finding(name: name, found: path, package: package)
        }
    }

    private static var prompts: Finding {
        let folders = ["en", "en_US_f_Allison"].map { "/usr/share/asterisk/sounds/" + $0 }
        return Finding(
            name: "asterisk prompts", found: folders.lazy.compactMap(existing).first,
            package: "asterisk-core-sounds-en-wav")
    }

    private static func existing(_ path: String) -> String? {
        FileManager.default.fileExists(atPath: path) ? path : nil
    }

    private static var swiftVersion: String {
        #if compiler(>=6.4)
            "runtime of Swift 6.4 or later"
        #elseif compiler(>=6.3)
            "runtime of Swift 6.3"
        #else
            "runtime of Swift 6.2"
        #endif
    }
}
