import Foundation

/// The project's own files, as the tests find them.
enum SourceTree {
  /// The folder that holds Package.swift.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Paths of all files under `folder` (from the root) with one of these endings, sorted.
  static func files(under folder: String, endings: [String]) -> [String] {
    let found = FileManager.default.enumerator(atPath: root + "/" + folder)?.compactMap { $0 as? String } ?? []
    return found.filter { path in endings.contains { path.hasSuffix($0) } }.map { folder + "/" + $0 }.sorted()
  }

  static func text(_ path: String) throws -> String { try String(contentsOfFile: root + "/" + path, encoding: .utf8) }

  static let swiftFolders = ["Sources", "Checkers", "Workloads", "Nemesis", "Tests"]
  static var swiftFiles: [String] { swiftFolders.flatMap { files(under: $0, endings: [".swift"]) } }
}
