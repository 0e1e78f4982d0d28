import Foundation
import Testing

/// Style and structure, executable: what a reviewer would otherwise have to say again and again.
@Suite struct TidyTests {
  /// Module → the modules of ours that it may import (Docs/whats-here.md).
  static let imports: [String: Set<String>] = {
    let all: Set<String> = [
      "Histories", "Generators", "Checkers", "Workloads", "Clusters", "Nemesis", "Systems", "Plans", "RunStore", "Runs",
      "Reports", "NodeKit", "NodeArguments", "ProtocolKit", "RaftKV", "PaxosLog", "MessageQueue",
      "DynamoRing", "CLinux", "CCurl", "CZlib", "CAssets",
    ]
    let systems: Set<String> = [
      "NodeKit", "NodeArguments", "ProtocolKit", "RaftKV", "PaxosLog", "DynamoRing", "MessageQueue",
    ]
    return [
      "Histories": [], "Generators": ["Histories"], "Checkers": ["Histories"],
      "Workloads": ["Histories", "Generators", "Checkers"], "Clusters": ["Histories", "CLinux"],
      "Nemesis": ["Histories", "Generators", "Clusters"],
      "Systems": ["Histories", "Clusters", "CCurl", "CLinux", "CAssets"],
      "Plans": ["Histories", "Generators", "Checkers", "Workloads", "Nemesis", "Systems"],
      "RunStore": ["Histories"], "Reports": ["Histories", "RunStore", "CAssets", "CZlib"],
      "Runs": all.subtracting(["Runs", "Reports"]).subtracting(systems),
      "faultline": all.subtracting(systems),
      "NodeKit": [], "ProtocolKit": [], "NodeArguments": ["NodeKit"],
      "RaftKV": ["ProtocolKit"], "raft-kv": ["RaftKV", "NodeKit", "NodeArguments"],
      "DynamoRing": ["ProtocolKit"], "dynamo-ring": ["DynamoRing", "NodeKit", "NodeArguments"],
      "PaxosLog": ["ProtocolKit"], "paxos-log": ["PaxosLog", "ProtocolKit", "NodeKit", "NodeArguments"],
      "MessageQueue": ["ProtocolKit"], "message-queue": ["MessageQueue", "NodeKit", "NodeArguments"],
    ]
  }()

  static let folders: [String: String] = [
    "Checkers": "Checkers", "Workloads": "Workloads", "Nemesis": "Nemesis",
    "NodeKit": "Sources/ReferenceSystems/NodeKit", "ProtocolKit": "Sources/ReferenceSystems/ProtocolKit",
    "NodeArguments": "Sources/ReferenceSystems/NodeArguments",
    "RaftKV": "Sources/ReferenceSystems/RaftKV", "raft-kv": "Sources/ReferenceSystems/raft-kv",
    "DynamoRing": "Sources/ReferenceSystems/DynamoRing", "dynamo-ring": "Sources/ReferenceSystems/dynamo-ring",
    "PaxosLog": "Sources/ReferenceSystems/PaxosLog", "paxos-log": "Sources/ReferenceSystems/paxos-log",
    "MessageQueue": "Sources/ReferenceSystems/MessageQueue",
    "message-queue": "Sources/ReferenceSystems/message-queue",
  ]

  @Test(arguments: imports.keys.sorted())
  func `a module imports only what the map allows`(module: String) throws {
    let ours = Set(Self.imports.keys).union(["CLinux", "CCurl", "CZlib", "CAssets"])
    let files = SourceTree.files(under: Self.folders[module] ?? "Sources/\(module)", endings: [".swift"])
    #expect(!files.isEmpty, "no file in module \(module)")
    for file in files {
      for imported in try Self.importedModules(SourceTree.text(file)) where ours.contains(imported) {
        #expect(Self.imports[module]?.contains(imported) == true, "\(file) imports \(imported)")
      }
    }
  }

  @Test func `every folder of Sources belongs to a module of the map`() throws {
    for file in SourceTree.files(under: "Sources", endings: [".swift"]) {
      let parts = file.split(separator: "/").map(String.init)
      let module = parts[1] == "ReferenceSystems" ? parts[2] : parts[1]
      #expect(Self.imports[module] != nil, "\(file) is in no module")
    }
  }

  @Test func `protocol cores, generators and checkers do no input or output`() throws {
    let pure = [
      "Sources/Generators", "Checkers", "Workloads", "Sources/ReferenceSystems/ProtocolKit",
      "Sources/ReferenceSystems/RaftKV", "Sources/ReferenceSystems/PaxosLog",
      "Sources/ReferenceSystems/DynamoRing", "Sources/ReferenceSystems/MessageQueue",
    ]
    for file in pure.flatMap({ SourceTree.files(under: $0, endings: [".swift"]) }) {
      for imported in try Self.importedModules(SourceTree.text(file)) {
        #expect(
          !["Foundation", "FoundationEssentials", "Glibc", "NIOCore", "NIOPosix"].contains(imported)
            || Self.allowedSystemImports[file]?.contains(imported) == true, "\(file) imports \(imported)")
      }
    }
  }

  /// Pure modules that need a thread, a lock or a clock of the platform, and nothing else of it.
  static let allowedSystemImports: [String: Set<String>] = [
    "Sources/Generators/Elementary.swift": ["Glibc"],  // log and pow
    "Checkers/Linearizability/Processors.swift": ["Glibc"],  // their number
    "Checkers/Transactions/ListAppend/ListVersions.swift": ["Glibc"],  // memcmp
  ]

  @Test func `nothing is left half done, and nothing escapes the rules`() throws {
    let forbidden = ["TO" + "DO", "FIX" + "ME", "try" + "!", " as" + "! "]
    for file in SourceTree.swiftFiles {
      for (number, line) in try SourceTree.text(file).split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        for word in forbidden where line.contains(word) { Issue.record("\(file):\(number + 1): \(word)") }
      }
    }
  }

  @Test func `unchecked sendability comes with its proof`() throws {
    let marks = ["@unchecked " + "Sendable", "nonisolated" + "(unsafe)"]
    for file in SourceTree.swiftFiles {
      let lines = try SourceTree.text(file).split(separator: "\n", omittingEmptySubsequences: false)
      for (number, line) in lines.enumerated() where marks.contains(where: { line.contains($0) }) {
        let above = lines[max(0, number - 12)..<number] + [line]
        #expect(above.contains { $0.contains("//") }, "\(file):\(number + 1): says not why it is safe")
      }
    }
  }

  @Test func `files stay small enough to read`() throws {
    for file in SourceTree.swiftFiles {
      let lines = try SourceTree.text(file).split(separator: "\n", omittingEmptySubsequences: false).count
      #expect(lines <= 500, "\(file) has \(lines) lines")
    }
  }

  @Test func `the map of folders names every module`() throws {
    let map = try SourceTree.text("Docs/whats-here.md")
    for module in Self.imports.keys.sorted() {
      #expect(map.contains("`\(module)`"), "Docs/whats-here.md does not mention \(module)")
    }
  }

  static func importedModules(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard let index = words.firstIndex(of: "import"), index < 2, words.count > index + 1 else { return nil }
      return words.dropFirst(index + 1).last.map { String($0.prefix { $0 != "." }) }
    }
  }
}
