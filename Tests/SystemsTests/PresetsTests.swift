import Foundation
import Testing

@testable import Systems

@Suite struct PresetsTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources/CAssets/presets")

  /// What is embedded is the file as it is now: fails where a build did not notice an edit.
  @Test(arguments: Presets.names) func embedsTheFile(_ name: String) throws {
    let file = try String(contentsOf: Self.folder.appending(path: "\(name).yaml"), encoding: .utf8)
    #expect(Presets.named(name) == file)
  }

  @Test func knowsEveryFile() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(files.filter { $0.hasSuffix(".yaml") }.sorted() == Presets.names.map { "\($0).yaml" })
    #expect(Presets.named("no-such-system") == nil)
  }
}
