import FoundationEssentials
import RunStore

/// `report.html`: a run as one page that opens from disk, without a network.
public enum HTMLReport {
  /// Reads the run directory and writes `report.html` into it, atomically.
  ///
  /// Missing or torn files make no error: the page says what was missing.
  ///
  /// - Returns: the path of the page.
  /// - Throws: `ReportError` when there is no such directory, Foundation's error when the page cannot be written.
  @discardableResult
  public static func write(runDirectory: String) throws -> String {
    let page = try render(runDirectory: runDirectory)
    let path = runDirectory.hasSuffix("/") ? runDirectory + RunFile.report : "\(runDirectory)/\(RunFile.report)"
    try Data(page).write(to: URL(fileURLWithPath: path), options: .atomic)
    return path
  }

  /// The page as bytes of UTF-8.
  ///
  /// - Throws: `ReportError` when there is no such directory.
  public static func render(runDirectory: String) throws -> [UInt8] {
    let run = try RecordedRun(directory: runDirectory)
    return try Page(run).render()
  }
}
