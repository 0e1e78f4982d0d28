import FoundationEssentials
import Histories
import RunStore
import Testing

@testable import Reports

/// A directory of its own for one test, removed with it.
final class TemporaryRun {
  let url: URL

  init(_ run: SyntheticRun? = nil) throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("reports-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try run?.write(to: url)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ text: String, to file: String) throws {
    try Data(text.utf8).write(to: url.appendingPathComponent(file))
  }

  func remove(_ file: String) throws { try FileManager.default.removeItem(at: url.appendingPathComponent(file)) }

  func page() throws -> ParsedPage { try ParsedPage(HTMLReport.render(runDirectory: url.path)) }
}

/// A page taken apart: its tags checked for balance, its visible text, its data.
struct ParsedPage {
  let html: String
  /// Names of the elements left open or closed too much, with what came before.
  private(set) var imbalance: [String] = []
  /// Text outside of script and style, entities undone.
  private(set) var text = ""
  private(set) var elements: [(name: String, attributes: String)] = []

  private static let void: Set<String> = ["meta", "link", "input", "br", "hr", "img"]

  init(_ bytes: [UInt8]) throws {
    html = try #require(String(validating: bytes, as: UTF8.self))
    parse()
  }

  /// A small reader of what HTMLBuilder writes: attributes in double quotes, no comments.
  private mutating func parse() {
    var open: [String] = []
    var rest = html[...]
    while let start = rest.firstIndex(of: "<") {
      if !["script", "style"].contains(open.last) { text += rest[..<start] }
      guard let end = Self.tagEnd(rest[start...]) else { return imbalance.append("a tag without end") }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("!") { continue }
      if tag.hasPrefix("/") {
        let name = String(tag.dropFirst())
        if open.popLast() != name { imbalance.append("</\(name)> after \(text.suffix(40))") }
        continue
      }
      let name = String(tag.prefix { $0.isLetter || $0.isNumber })
      elements.append((name, String(tag.dropFirst(name.count))))
      if Self.void.contains(name) || tag.hasSuffix("/") { continue }
      if name == "script" || name == "style" {
        guard let close = rest.firstRange(of: "</\(name)>") else { return imbalance.append("<\(name)> without end") }
        rest = rest[close.upperBound...]
        continue
      }
      open.append(name)
    }
    imbalance += open.map { "<\($0)> without end" }
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
      text.replace(entity, with: character)
    }
  }

  private static func tagEnd(_ tag: Substring) -> String.Index? {
    var quoted = false
    return tag.indices.first { index in
      if tag[index] == "\"" { quoted.toggle() }
      return tag[index] == ">" && !quoted
    }
  }

  func contains(id: String) -> Bool { elements.contains { $0.attributes.contains(" id=\"\(id)\"") } }

  /// The page's data, decompressed.
  func data() throws -> [String: Value] {
    let marker = "id=\"data\">"
    let start = try #require(html.firstRange(of: marker)).upperBound
    let encoded = html[start...].prefix { $0 != "<" }
    let compressed = try #require(Data(base64Encoded: String(encoded)))
    return try #require(try JSONReader.parse(Gzip.decompress([UInt8](compressed))).map)
  }

  /// One of the tables of texts among the operations.
  func texts(_ table: String) throws -> [String] {
    let texts = try data()["operations"]?.map?[table]?.list
    return try #require(texts).compactMap(\.string)
  }
}
