// swift-tools-version: 6.2
import PackageDescription

// Set by scripts/bench-peers.sh and `make bench` when the engine's detector has kinds to choose from.
let kinds: [SwiftSetting] = Context.environment["PARLEY_DETECTOR_KINDS"] == nil ? [] : [.define("DETECTOR_KINDS")]

// A package of its own: what benchmarks need stays out of the engine's graph.
let package = Package(
    name: "ParleyBenchmarks",
    dependencies: [.package(name: "parley", path: "..")],
    targets: [
        .systemLibrary(name: "CSampleRateBench", pkgConfig: "samplerate"),
        .systemLibrary(name: "CMallocBench"),
        .executableTarget(
            name: "core-bench",
            dependencies: ["CSampleRateBench", "CMallocBench", .product(name: "ParleyCore", package: "parley")],
            swiftSettings: kinds),
        .executableTarget(
            name: "vad-bench", dependencies: [.product(name: "ParleyCore", package: "parley")],
            swiftSettings: kinds),
    ],
    swiftLanguageModes: [.v6]
)
