import Foundation

/// The files of a run directory (DESIGN 4), by name.
public enum RunFile {
  public static let plan = "plan.yaml"
  public static let resolvedPlan = "plan.resolved.json"
  public static let invocation = "invocation.json"
  public static let history = "history.jsonl"
  public static let schedule = "schedule.json"
  /// What `faultline shrink` left of the schedule.
  public static let shrunk = "shrunk.json"
  public static let results = "results.json"
  public static let counterexamples = "counterexamples"
  public static let report = "report.html"
  public static let nodes = "nodes"
  public static let log = "faultline.log"
}

/// One run's folder: `<store>/<plan>/<yyyymmddThhmmssZ>-<seed>[-n]`.
public struct RunDirectory: Sendable, Hashable {
  /// Absolute.
  public let path: String

  public init(path: String) { self.path = path }

  /// Tries with `-2`, `-3`, … when a run of the same second and seed exists.
  static var attemptsMax: Int { 1000 }

  /// Makes a folder that did not exist before; two runs that start together get two folders.
  ///
  /// - Throws: `StoreError` when the store cannot be written.
  public static func create(store: String, plan: String, seed: UInt64, at date: Date) throws(StoreError) -> RunDirectory
  {
    let parent = absolute(store) + "/" + safeName(plan)
    try makeFolders(parent)
    let name = "\(stamp(date))-\(seed)"
    for attempt in 1...attemptsMax {
      let path = parent + "/" + (attempt == 1 ? name : "\(name)-\(attempt)")
      if mkdir(path, 0o755) == 0 { return RunDirectory(path: path) }
      guard errno == EEXIST else { throw StoreError(path: path, message: RunFiles.lastError()) }
    }
    throw StoreError(path: parent + "/" + name, message: "exists \(attemptsMax) times already")
  }

  /// Makes a folder and those above it.
  private static func makeFolders(_ path: String) throws(StoreError) {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/" + part
      guard mkdir(made, 0o755) == 0 || errno == EEXIST || errno == EISDIR else { throw unwritable(made) }
    }
    guard access(path, W_OK | X_OK) == 0 else { throw unwritable(path) }
  }

  private static func unwritable(_ path: String) -> StoreError {
    StoreError(path: path, message: "\(RunFiles.lastError()): name a folder that can be written with --store")
  }

  /// The path of a file in the folder.
  public func file(_ name: String) -> String { path + "/" + name }

  /// The path of the n-th counterexample, whose folder is made when it is first asked for.
  public func counterexample(_ number: Int) throws(StoreError) -> String {
    let folder = file(RunFile.counterexamples)
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
      throw StoreError(path: folder, message: RunFiles.lastError())
    }
    return "\(folder)/\(number).json"
  }

  /// Makes `<store>/latest` point here. A store on a file system without links does without.
  public func becomeLatest() {
    let store = URL(fileURLWithPath: path).deletingLastPathComponent().deletingLastPathComponent().path
    let target = String(path.dropFirst(store.count + 1))
    let temporary = "\(store)/.latest-\(getpid())"
    unlink(temporary)
    if symlink(target, temporary) == 0, rename(temporary, store + "/latest") != 0 { unlink(temporary) }
  }

  /// File names that every system and artefact store accepts: no colon, no slash, no leading dot.
  static func safeName(_ text: String) -> String {
    let kept = text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" }
    let name = String(kept.prefix(100))
    // `latest` is the link to the newest run.
    return name.isEmpty || name.hasPrefix(".") || name == "latest" ? "_" + name : name
  }

  static func stamp(_ date: Date) -> String {
    var seconds = time_t(date.timeIntervalSince1970)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + "\(number)" }
    return "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))"
      + "T\(two(parts.tm_hour))\(two(parts.tm_min))\(two(parts.tm_sec))Z"
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }
}
