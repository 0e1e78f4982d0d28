import Foundation
import Histories
import Testing

/// The histories of other projects, where they lie beside the package (`../shared/histories`).
@Suite struct PublicHistoriesTests {
  private static var folder: URL {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    // The tests may have been reached by a link; the histories lie beside the directory that make was started in too.
    let places = [root, URL(filePath: FileManager.default.currentDirectoryPath)]
    let folders = places.map { $0.appending(path: "../shared/histories").standardizedFileURL }
    return folders.first { FileManager.default.fileExists(atPath: $0.path) } ?? folders[0]
  }

  @Test func `every public history can be read, strictly and leniently alike`() throws {
    guard let table = try? String(contentsOf: Self.folder.appending(path: "verdicts.tsv"), encoding: .utf8) else {
      print("public histories: left out, there is no \(Self.folder.path)")
      return
    }
    var formats: [HistoryFormat: Int] = [:]
    for row in table.split(separator: "\n").dropFirst() {
      let path = Self.folder.appending(path: String(row.prefix { $0 != "\t" })).path
      let read = try HistoryReader().read(path: path)
      #expect(read.history.count > 0, "\(path)")
      #expect(read.lines.count == read.history.count)
      #expect(try Operations(read.history).count > 0, "\(path)")
      let lenient = try HistoryReader(isLenient: true).read(path: path)
      #expect(lenient.skipped.total == 0)
      #expect(Array(lenient.history.events) == Array(read.history.events))
      formats[read.format, default: 0] += 1
    }
    print("public histories: \(formats.map { "\($0.value) \($0.key.rawValue)" }.sorted().joined(separator: ", "))")
    #expect(formats[.edn, default: 0] > 30)
    #expect(formats[.jepsenLog] == 51)
    #expect(formats[.json, default: 0] >= 5)
  }

  @Test(arguments: [("elle/paper-example", 8), ("elle/rw-register", 6), ("jepsen-checkers/counter", 574)])
  func `a history is the same in EDN and in JSON`(name: String, events: Int) throws {
    let edn = Self.folder.appending(path: name + ".edn").path
    guard FileManager.default.fileExists(atPath: edn) else {
      print("public histories: left out, there is no \(edn)")
      return
    }
    let fromEDN = try HistoryReader().read(path: edn).history
    let fromJSON = try HistoryReader().read(path: Self.folder.appending(path: name + ".json").path).history
    #expect(fromEDN.count == events)
    #expect(Array(fromEDN.events) == Array(fromJSON.events))
  }
}
