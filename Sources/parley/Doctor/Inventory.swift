import COpus
import CSampleRate
import CSndFile
import Foundation

/// What is installed here: versions of linked libraries, and files and programs at the places where Debian puts them.
enum Inventory {
    static func take() -> [Finding] {
        libraries + [model] + voices + programs + [prompts]
    }

    private static var libraries: [Finding] {
        [
            Finding(name: "swift", found: swiftVersion, package: "swiftlang"),
            Finding(name: "libopus", found: String(cString: opus_get_version_string()), package: "libopus0"),
            Finding(name: "libsamplerate", found: String(cString: src_get_version()), package: "libsamplerate0"),
            Finding(name: "libsndfile", found: String(cString: sf_version_string()), package: "libsndfile1"),
        ]
    }

    private static var model: Finding {
        Finding(
            name: "recogniser's model", found: existing("/usr/share/pocketsphinx/model/en-us/en-us"),
            package: "pocketsphinx-en-us", isNeeded: true)
    }

    private static var voices: [Finding] {
        let folders = ["/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/local/lib"]
        let names = folders.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
        return ["rms", "slt", "kal"].map { voice in
            let library = names.sorted().first { $0.hasPrefix("libflite_cmu_us_\(voice).so") }
            return Finding(name: "voice \(voice)", found: library, package: "libflite1", isNeeded: voice == "rms")
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
