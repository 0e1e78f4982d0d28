import Systems

/// From what somebody typed after `faultline run` to a plan.
public struct PlanBuilder: Sendable {
  public var catalogue: PlanCatalogue
  /// For plans and command lines without a seed: drawn by the caller, so that nothing here is random.
  public var defaultSeed: UInt64
  /// What relative file names start from, and the programs of bundled plans.
  public var currentDirectory: String

  public init(catalogue: PlanCatalogue = .standard, defaultSeed: UInt64, currentDirectory: String) {
    self.catalogue = catalogue
    self.defaultSeed = defaultSeed
    self.currentDirectory = currentDirectory
  }

  /// The plan of a bundled system or of a file: what ends with `.yaml` or `.yml`, or has a slash, is a file.
  ///
  /// - Throws: `PlanProblems`: exit 64.
  public func plan(_ target: String, _ overrides: PlanOverrides = PlanOverrides()) throws(PlanProblems) -> Plan {
    let isFile = target.contains("/") || target.hasSuffix(".yaml") || target.hasSuffix(".yml")
    return isFile ? try plan(file: target, overrides) : try plan(system: target, overrides)
  }

  /// The bundled plan of a system.
  ///
  /// - Throws: for a system that is not bundled, with the names of those that are.
  public func plan(system name: String, _ overrides: PlanOverrides = PlanOverrides()) throws(PlanProblems) -> Plan {
    guard let text = Presets.named(name) else {
      let message = UnknownName.message("system", name, known: Presets.names)
      let hint = "bundled: \(Presets.names.joined(separator: ", ")); a plan of your own ends with .yaml"
      throw PlanProblems([Diagnostic(.argument("faultline"), "\(message) (\(hint))")])
    }
    let source = PlanSource(file: "\(name).yaml (bundled)", directory: currentDirectory, text: text)
    return try decode(source, overrides)
  }

  /// The plan in a file.
  ///
  /// - Throws: also for a file that is missing, unreadable, not a regular file, too large or not UTF-8.
  public func plan(file path: String, _ overrides: PlanOverrides = PlanOverrides()) throws(PlanProblems) -> Plan {
    let absolute = path.hasPrefix("/") ? path : "\(currentDirectory)/\(path)"
    let text = try readFile(path, absolute)
    return try decode(PlanSource(file: path, directory: Self.folder(of: absolute), text: text), overrides)
  }

  /// Reads the absolute path, and names the one that was typed where that fails.
  private func readFile(_ path: String, _ absolute: String) throws(PlanProblems) -> String {
    do {
      return try PlanFile.read(absolute)
    } catch {
      throw PlanProblems(error.diagnostics.map { Diagnostic(.wholeFile(path), $0.message) })
    }
  }

  private func decode(_ source: PlanSource, _ overrides: PlanOverrides) throws(PlanProblems) -> Plan {
    try PlanDecoder.decode(source, catalogue: catalogue, overrides: overrides, defaultSeed: defaultSeed)
  }

  private static func folder(of path: String) -> String {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    return folder.isEmpty ? "/" : folder
  }
}
