// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Embedding",
    dependencies: [.package(name: "parley", path: "../..")],
    targets: [
        .executableTarget(name: "Embedding", dependencies: [.product(name: "ParleyCore", package: "parley")])
    ],
    swiftLanguageModes: [.v6]
)
