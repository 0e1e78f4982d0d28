/// The programs that change and show packet filter rules: one family of them, because legacy and nft rules are apart.
struct FilterTools: Hashable, Sendable {
  /// Tried in this order: legacy was about twice as fast, and is missing from kernels without ip_tables.
  static let families = ["iptables-legacy", "iptables-nft", "iptables"]

  var restore: Tool
  var save: Tool

  /// Those of a family that are installed.
  static func find(_ family: String) -> FilterTools? {
    guard let restore = Tool.find("\(family)-restore"), let save = Tool.find("\(family)-save") else { return nil }
    return FilterTools(restore: restore, save: save)
  }

  /// Commits rules into a network namespace, waiting for the xtables lock if need be.
  func commit(_ rules: String, in network: Int32?) async throws {
    _ = try await restore.run(Self.restoreArguments, input: rules, networkNamespace: network)
  }

  /// Commits rules into the controller's network namespace, and is started ahead of that.
  ///
  /// While it waits it holds no lock: that is taken when the rules of a table begin.
  func readyCommit() -> ReadyTool { ReadyTool(restore, Self.restoreArguments) }

  private static let restoreArguments = ["--noflush", "-w"]

  func counters(in network: Int32?) async throws -> [AddressPair: Drops] {
    try PacketFilter.counters(saved: try await saved(in: network), tool: save.path)
  }

  /// All rules with their counters, as text.
  func saved(in network: Int32?) async throws -> String {
    try await save.run(["-c", "-t", "filter"], networkNamespace: network)
  }
}
