// swift-tools-version: 6.2
import PackageDescription

// A package of its own: what benchmarks need stays out of the engine's graph.
let package = Package(
    name: "ParleyBenchmarks",
    dependencies: [.package(name: "parley", path: "..")],
    targets: [
        .systemLibrary(name: "CSampleRateBench", pkgConfig: "samplerate"),
        .systemLibrary(name: "CMallocBench"),
        .executableTarget(
            name: "core-bench",
            dependencies: ["CSampleRateBench", "CMallocBench", .product(name: "ParleyCore", package: "parley")]),
        .executableTarget(
            name: "vad-bench", dependencies: [.product(name: "ParleyCore", package: "parley")]),
    ],
    swiftLanguageModes: [.v6]
)
