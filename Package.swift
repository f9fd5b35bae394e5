// swift-tools-version: 6.2
import PackageDescription

// The engine's core has no dependency on another package. With PARLEY_CORE_ONLY set, the manifest
// offers nothing but that core, so that it builds and is tested without resolving one
// (`make test-core`). Without it, the manifest is the whole of Parley.
let coreOnly = Context.environment["PARLEY_CORE_ONLY"] != nil

// MARK: - Libraries of the system

let systemLibraries: [Target] = [
    .systemLibrary(name: "COpus", pkgConfig: "opus", providers: [.apt(["libopus-dev"])]),
    .systemLibrary(name: "CSampleRate", pkgConfig: "samplerate", providers: [.apt(["libsamplerate0-dev"])]),
]
let runtimeSystemLibraries: [Target] = [
    .systemLibrary(name: "CSndFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
    .systemLibrary(name: "CPocketSphinx", pkgConfig: "pocketsphinx", providers: [.apt(["libpocketsphinx-dev"])]),
    .systemLibrary(name: "CFlite", providers: [.apt(["flite1-dev"])]),
]

// Unoptimised, the detector takes many times as long and its generic arithmetic allocates. With PARLEY_OPTIMISED_AUDIO
// set, the audio modules are optimised in debug builds too, so that tests hear whole calls in seconds and count what a
// server would allocate (`make test`). Who depends on us never sets it.
let optimisesAudio = Context.environment["PARLEY_OPTIMISED_AUDIO"] != nil
let audio: [SwiftSetting] = optimisesAudio ? [.unsafeFlags(["-O"])] : []
let audioTests: [SwiftSetting] = optimisesAudio ? [.define("OPTIMISED_AUDIO")] : []

// MARK: - The core: audio, detection, turn-taking. No Foundation, no other package.

let core: [Target] = [
    .target(name: "CallTime"),
    .target(name: "AudioCore", dependencies: ["CallTime"], swiftSettings: audio),
    .target(name: "Codecs", dependencies: ["CallTime", "AudioCore", "COpus", "CSampleRate"], swiftSettings: audio),
    .target(name: "CSpeechWeights"),
    .target(name: "VoiceActivity", dependencies: ["CallTime", "AudioCore", "CSpeechWeights"], swiftSettings: audio),
    .target(
        name: "MediaPipeline", dependencies: ["CallTime", "AudioCore", "Codecs", "VoiceActivity"], swiftSettings: audio),
    .target(name: "Conversation", dependencies: ["CallTime"]),
]
let coreTests: [Target] = [
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    .target(
        name: "TestSupport", dependencies: ["CallTime", "AudioCore", "CAllocationCounter"], path: "Tests/TestSupport"),
    .testTarget(name: "CallTimeTests", dependencies: ["CallTime"]),
    .testTarget(name: "AudioCoreTests", dependencies: ["CallTime", "AudioCore", "TestSupport"]),
    .testTarget(name: "CodecsTests", dependencies: ["CallTime", "AudioCore", "Codecs", "TestSupport"]),
    .testTarget(
        name: "VoiceActivityTests", dependencies: ["CallTime", "AudioCore", "Codecs", "VoiceActivity", "TestSupport"],
        swiftSettings: audioTests),
    .testTarget(
        name: "MediaPipelineTests",
        dependencies: ["CallTime", "AudioCore", "Codecs", "VoiceActivity", "MediaPipeline", "TestSupport"],
        swiftSettings: audioTests),
    .testTarget(name: "ConversationTests", dependencies: ["CallTime", "Conversation"]),
]

// MARK: - The runtime: files, agents, providers, store, calls, the command line

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let hummingbird: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird"), .product(name: "HummingbirdTLS", package: "hummingbird"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    .product(name: "UnixSignals", package: "swift-service-lifecycle"),
]
let nio: [Target.Dependency] = ["NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket", "NIOFoundationCompat"]
    .map { .product(name: $0, package: "swift-nio") }
let nioTLS: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")

let runtime: [Target] = [
    .target(name: "AudioFile", dependencies: ["CallTime", "AudioCore", "CSndFile"]),
    .target(name: "AgentFile", dependencies: ["Conversation", "CallTime", yams]),
    .target(name: "Providers", dependencies: ["CallTime"]),
    .target(
        name: "LocalProviders",
        dependencies: ["CallTime", "Providers", "Conversation", "AudioCore", "Codecs", "CPocketSphinx", "CFlite"]),
    .target(name: "CallStore", dependencies: ["Providers", grdb]),
    .target(
        name: "CallRuntime",
        dependencies: [
            "CallTime", "AudioCore", "Codecs", "VoiceActivity", "MediaPipeline", "Conversation", "Providers",
            "LocalProviders", "CallStore", "AudioFile", "AgentFile",
        ]),
    .target(
        name: "ProviderClients",
        dependencies: ["CallTime", "AudioCore", "Codecs", "Providers", asyncHTTPClient, crypto, logging, nioTLS] + nio),
    .target(name: "Telephony", dependencies: ["CallTime", "AudioCore", "Codecs", crypto]),
    .target(
        name: "Server",
        dependencies: [
            "CallTime", "AudioCore", "Codecs", "VoiceActivity", "MediaPipeline", "Conversation", "Providers",
            "LocalProviders", "ProviderClients", "CallStore", "AudioFile", "AgentFile", "CallRuntime", "Telephony",
            asyncHTTPClient, crypto, logging, nioTLS, yams,
        ] + nio + hummingbird),
    .target(
        name: "LatencyBench",
        dependencies: [
            "CallTime", "Codecs", "AudioFile", "AudioCore", "AgentFile", "CallRuntime", "Conversation",
            "LocalProviders",
            "Providers", "Telephony", "ProviderClients", "Server", asyncHTTPClient, logging,
        ] + nio + hummingbird),
    .executableTarget(
        name: "parley",
        dependencies: [
            "CallTime", "AudioCore", "Codecs", "VoiceActivity", "Conversation", "Providers", "LocalProviders",
            "ProviderClients", "CallStore", "AudioFile", "AgentFile", "CallRuntime", "Telephony", "Server",
            "LatencyBench", "COpus",
            "CSampleRate", "CSndFile", argumentParser, logging,
        ]),
]
let runtimeTests: [Target] = [
    .testTarget(name: "AudioFileTests", dependencies: ["AudioFile", "AudioCore", "CallTime", "TestSupport"]),
    .testTarget(name: "AgentFileTests", dependencies: ["AgentFile", "Conversation"]),
    .target(name: "ProviderConformance", dependencies: ["CallTime", "Providers"], path: "Tests/ProviderConformance"),
    .testTarget(
        name: "ProvidersTests", dependencies: ["CallTime", "Providers", "ProviderConformance", "TestSupport"]),
    .testTarget(
        name: "LocalProvidersTests",
        dependencies: [
            "CallTime", "Codecs", "LocalProviders", "Providers", "ProviderConformance", "Conversation", "AgentFile",
            "AudioFile", "TestSupport",
        ]),
    .testTarget(name: "CallStoreTests", dependencies: ["CallStore", "Providers"]),
    .testTarget(
        name: "CallRuntimeTests",
        dependencies: [
            "CallTime", "CallRuntime", "AgentFile", "CallStore", "AudioFile", "Conversation", "Providers",
            "LocalProviders", "MediaPipeline", "ProviderConformance", "TestSupport",
        ]),
    .testTarget(
        name: "ProviderClientsTests",
        dependencies: ["CallTime", "Providers", "ProviderClients", "ProviderConformance", "TestSupport"] + nio),
    .testTarget(name: "TelephonyTests", dependencies: ["CallTime", "Codecs", "Telephony", "TestSupport"]),
    .testTarget(
        name: "ServerTests",
        dependencies: [
            "CallTime", "Codecs", "Conversation", "Providers", "ProviderClients", "ProviderConformance", "CallStore",
            "AgentFile", "CallRuntime", "Telephony", "Server", "TestSupport", asyncHTTPClient, logging,
        ] + nio),
    .testTarget(
        name: "LatencyBenchTests",
        dependencies: [
            "CallTime", "Codecs", "CallRuntime", "Telephony", "ProviderClients", "Server", "LatencyBench",
            "TestSupport",
            asyncHTTPClient,
        ] + nio),
    .testTarget(
        name: "CommandLineTests",
        dependencies: ["TestSupport", "AudioFile", "VoiceActivity", "CallTime", "CallStore", "Providers", "parley"]),
]

// MARK: - Package

let package = Package(
    name: "parley",
    products: [.library(name: "ParleyCore", targets: core.map(\.name))]
        + (coreOnly
            ? []
            : [
                .library(name: "Parley", targets: (core + runtime).map(\.name).filter { $0 != "parley" }),
                .executable(name: "parley", targets: ["parley"]),
            ]),
    dependencies: coreOnly
        ? []
        : [
            .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
            .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
            .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
            .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
            .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
            .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
            .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
            .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
            .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
            .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
            .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
            .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        ],
    targets: systemLibraries + core + coreTests
        + (coreOnly ? [] : runtimeSystemLibraries + runtime + runtimeTests),
    swiftLanguageModes: [.v6]
)
