// swift-tools-version: 6.2
import PackageDescription

// A package of its own: what benchmarks need stays out of the engine's graph.
let package = Package(
    name: "ParleyBenchmarks",
    dependencies: [.package(name: "parley", path: "..")],
    targets: [
        .systemLibrary(name: "CSampleRateBench", pkgConfig: "samplerate"),
        .executableTarget(
            name: "core-bench",
            dependencies: ["CSampleRateBench", .product(name: "ParleyCore", package: "parley")]),
        .executableTarget(name: "vad-bench", dependencies: [.product(name: "ParleyCore", package: "parley")]),
    ],
    swiftLanguageModes: [.v6]
)
