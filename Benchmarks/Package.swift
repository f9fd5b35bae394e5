// swift-tools-version: 6.2
import PackageDescription

// Set by scripts/bench-peers.sh when the engine's detector has kinds to choose from.
let detectorKinds = Context.environment["PARLEY_DETECTOR_KINDS"] != nil

// A package of its own: what benchmarks need stays out of the engine's graph.
let package = Package(
    name: "ParleyBenchmarks",
    dependencies: [.package(name: "parley", path: "..")],
    targets: [
        .systemLibrary(name: "CSampleRateBench", pkgConfig: "samplerate"),
        .executableTarget(
            name: "core-bench",
            dependencies: ["CSampleRateBench", .product(name: "ParleyCore", package: "parley")]),
        .executableTarget(
            name: "vad-bench", dependencies: [.product(name: "ParleyCore", package: "parley")],
            swiftSettings: detectorKinds ? [.define("DETECTOR_KINDS")] : []),
    ],
    swiftLanguageModes: [.v6]
)
