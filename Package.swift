// swift-tools-version: 6.2
import PackageDescription

// What each module holds and may import: Docs/whats-here.md (checked by Tests/TidyTests).

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A protocol core, or a simulation of one: optimised in debug builds too, as tests run millions of its steps. Not for
/// libraries that other packages use: flags like this one are allowed in a root package only.
func core(_ name: String, path: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: path,
    swiftSettings: settings + [.unsafeFlags(["-O"], .when(configuration: .debug))])
}

/// A module of generic code that many of a simulation's steps go through: its bodies go along into the modules that use it,
/// which compile them for their own types. Without that, simulations take more than three times as long.
func genericCore(_ name: String, path: String) -> Target {
  .target(
    name: name, path: path,
    swiftSettings: settings + [
      .unsafeFlags(["-cross-module-optimization"]),
      // Debug builds are by file, where no body can go along. With threads there is still an object for each file, as SwiftPM
      // expects.
      .unsafeFlags(["-O", "-wmo", "-num-threads", "2", "-disable-batch-mode"], .when(configuration: .debug)),
    ])
}

/// A library target of ours at `path`.
func module(_ name: String, path: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

/// An executable target of ours at `path`.
func program(_ name: String, path: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

/// A test target in `Tests/<name>`.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOHTTP1", package: "swift-nio"),
]
let simulation: [Target.Dependency] = ["SimulationKit", "SimulationCommand", argumentParser]

let package = Package(
  name: "faultline",
  products: [
    .executable(name: "faultline", targets: ["faultline"]),
    .executable(name: "raft-kv", targets: ["raft-kv"]),
    .executable(name: "paxos-log", targets: ["paxos-log"]),
    .executable(name: "dynamo-ring", targets: ["dynamo-ring"]),
    .executable(name: "message-queue", targets: ["message-queue"]),
    .library(name: "Histories", targets: ["Histories"]),
    .library(name: "Checkers", targets: ["Checkers"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // The harness.
    module("Histories", path: "Sources/Histories"),
    module("Generators", path: "Sources/Generators", ["Histories"]),
    module("Checkers", path: "Checkers", ["Histories"]),
    module("Workloads", path: "Workloads", ["Histories", "Generators", "Checkers"]),
    .target(name: "CLinux", path: "Sources/CLinux"),
    module("Clusters", path: "Sources/Clusters", ["Histories", "CLinux"]),
    module("Nemesis", path: "Nemesis", ["Histories", "Generators", "Clusters"]),
    .systemLibrary(
      name: "CCurl", path: "Sources/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "CAssets", path: "Sources/CAssets"),
    module("Systems", path: "Sources/Systems", ["Histories", "Clusters", "CCurl", "CLinux", "CAssets"]),
    module(
      "Plans", path: "Sources/Plans",
      ["Histories", "Generators", "Checkers", "Workloads", "Nemesis", "Systems", yams]),
    module("RunStore", path: "Sources/RunStore", ["Histories"]),
    .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    module("Reports", path: "Sources/Reports", ["Histories", "RunStore", "CAssets", "CZlib"]),
    module(
      "Runs", path: "Sources/Runs",
      [
        "Histories", "Generators", "Checkers", "Workloads", "Clusters", "Nemesis", "Systems", "Plans", "RunStore",
        "CLinux", logging,
      ]),
    .executableTarget(
      name: "faultline",
      dependencies: [
        "Histories", "Generators", "Checkers", "Workloads", "Clusters", "Nemesis", "Systems", "Plans", "RunStore",
        "Runs", "Reports", argumentParser, logging,
      ],
      path: "Sources/faultline", swiftSettings: settings),

    // The bundled systems: real servers that know nothing of the harness.
    module("NodeKit", path: "Sources/ReferenceSystems/NodeKit", nio + [logging]),
    core("ProtocolKit", path: "Sources/ReferenceSystems/ProtocolKit"),
    core("RaftKV", path: "Sources/ReferenceSystems/RaftKV", ["ProtocolKit"]),
    core("PaxosLog", path: "Sources/ReferenceSystems/PaxosLog", ["ProtocolKit"]),
    core("DynamoRing", path: "Sources/ReferenceSystems/DynamoRing", ["ProtocolKit"]),
    core("MessageQueue", path: "Sources/ReferenceSystems/MessageQueue", ["ProtocolKit"]),
    module("NodeArguments", path: "Sources/ReferenceSystems/NodeArguments", ["NodeKit", argumentParser, logging]),
    program(
      "raft-kv", path: "Sources/ReferenceSystems/raft-kv",
      ["RaftKV", "NodeKit", "NodeArguments", argumentParser, logging] + nio),
    program(
      "paxos-log", path: "Sources/ReferenceSystems/paxos-log",
      ["PaxosLog", "ProtocolKit", "NodeKit", "NodeArguments", argumentParser, logging] + nio),
    program(
      "dynamo-ring", path: "Sources/ReferenceSystems/dynamo-ring",
      ["DynamoRing", "NodeKit", "NodeArguments", argumentParser, logging] + nio),
    program(
      "message-queue", path: "Sources/ReferenceSystems/message-queue",
      ["MessageQueue", "NodeKit", "NodeArguments", argumentParser, logging] + nio),

    // Programs that tests and benches run.
    genericCore("SimulationKit", path: "Tests/SimulationKit"),
    module("SimulationCommand", path: "Tests/SimulationCommand", ["SimulationKit", argumentParser]),
    core("RaftSimulationKit", path: "Tests/RaftSimulationKit", ["RaftKV", "SimulationKit"]),
    program("raft-simulation", path: "Tests/RaftSimulation", ["RaftKV", "RaftSimulationKit"] + simulation),
    core("PaxosSimulationKit", path: "Tests/PaxosSimulationKit", ["PaxosLog", "SimulationKit"]),
    program("paxos-simulation", path: "Tests/PaxosSimulation", ["PaxosLog", "PaxosSimulationKit"] + simulation),
    core("DynamoSimulationKit", path: "Tests/DynamoSimulationKit", ["DynamoRing", "SimulationKit"]),
    program("dynamo-simulation", path: "Tests/DynamoSimulation", ["DynamoRing", "DynamoSimulationKit"] + simulation),
    core("MessageQueueSimulationKit", path: "Tests/MessageQueueSimulationKit", ["MessageQueue", "SimulationKit"]),
    program(
      "message-queue-simulation", path: "Tests/MessageQueueSimulation",
      ["MessageQueue", "MessageQueueSimulationKit"] + simulation),
    program("sandbox-probe", path: "Tests/SandboxProbe", ["Histories", "Clusters", "CLinux", "Nemesis"]),
    program("history-bench", path: "Tests/HistoryBench", ["Histories", argumentParser]),
    program("history-fuzz", path: "Tests/HistoryFuzz", ["Histories", argumentParser]),
    program("checkers-bench", path: "Tests/CheckersBench", ["Histories", "Checkers", "Generators", argumentParser]),
    program(
      "http-bench", path: "Tests/HTTPBench",
      [
        "Histories", "Generators", "Workloads", "Clusters", "Systems", "Plans", "RunStore", "Runs", "CCurl",
        argumentParser,
      ]),
    program(
      "systems-bench", path: "Tests/SystemsBench",
      ["ServerTestKit", "Systems", argumentParser, "raft-kv", "paxos-log", "dynamo-ring", "message-queue"]),
    module("EvilServer", path: "Tests/EvilServer"),
    module("ServerTestKit", path: "Tests/ServerTestKit"),

    tests("HistoriesTests", ["Histories"]),
    tests("GeneratorsTests", ["Histories", "Generators"]),
    tests("CheckersTests", ["Histories", "Checkers", "Generators"]),
    tests("WorkloadsTests", ["Histories", "Generators", "Checkers", "Workloads"]),
    tests("ClustersTests", ["Clusters", "CLinux", "sandbox-probe"]),
    tests("NemesisTests", ["Histories", "Generators", "Clusters", "Nemesis"]),
    tests("HTTPClientTests", ["Systems", "EvilServer"]),
    tests("SystemsTests", ["Histories", "Clusters", "Systems"]),
    tests("PlansTests", ["Histories", "Generators", "Workloads", "Nemesis", "Systems", "Plans"]),
    tests("RunStoreTests", ["Histories", "RunStore"]),
    tests("ReportsTests", ["Histories", "RunStore", "Reports"]),
    tests(
      "NodeKitTests",
      [
        "NodeKit", logging, .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ] + nio),
    tests("SimulationKitTests", ["SimulationKit", "SimulationCommand"]),
    tests("RaftKVTests", ["ProtocolKit", "RaftKV", "SimulationKit", "RaftSimulationKit"]),
    tests("RaftServerTests", ["ServerTestKit", "raft-kv"]),
    tests(
      "BundledServerTests", ["ServerTestKit", "raft-kv", "paxos-log", "dynamo-ring", "message-queue"]),
    tests("PaxosLogTests", ["ProtocolKit", "PaxosLog", "SimulationKit", "PaxosSimulationKit"]),
    tests("DynamoServerTests", ["ServerTestKit", "dynamo-ring"]),
    tests("MessageQueueServerTests", ["ServerTestKit", "message-queue"]),
    tests("DynamoRingTests", ["ProtocolKit", "DynamoRing", "SimulationKit", "DynamoSimulationKit"]),
    tests("MessageQueueTests", ["ProtocolKit", "MessageQueue", "SimulationKit", "MessageQueueSimulationKit"]),
    tests(
      "RunsTests",
      [
        "Histories", "Generators", "Checkers", "Workloads", "Clusters", "Nemesis", "Systems", "Plans", "RunStore",
        "Runs",
      ]),
    tests("TidyTests", []),
    tests(
      "EndToEndTests",
      [
        "Histories", "RunStore", "faultline", "raft-kv", "checkers-bench", "history-bench", "history-fuzz",
        "http-bench",
      ]),
  ]
)
