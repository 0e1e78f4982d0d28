import Glibc

/// A program that a plan names and this machine does not have.
public struct ExecutableNotFound: Error, Hashable, Sendable, CustomStringConvertible {
  public let program: String
  /// The paths that were tried, in order.
  public let tried: [String]

  public var description: String {
    tried.isEmpty
      ? "no executable '\(program)': PATH is empty"
      : "no executable '\(program)'; looked at \(tried.joined(separator: ", "))"
  }
}

/// Finds the programs of a system, and the users that they run as.
public struct ExecutableLookup: Sendable {
  /// The folder of the `faultline` executable: the bundled systems stand beside it.
  public var ownDirectory: String
  /// What relative programs start from.
  public var planDirectory: String
  /// The folders of PATH.
  public var searchPath: [String]
  /// Whether there is a file at this absolute path that may be executed.
  public var isExecutable: @Sendable (String) -> Bool
  /// The account of a user's name.
  public var user: @Sendable (String) -> UserAccount?

  public init(
    ownDirectory: String, planDirectory: String, searchPath: [String],
    isExecutable: @escaping @Sendable (String) -> Bool = ExecutableLookup.isExecutableFile,
    user: @escaping @Sendable (String) -> UserAccount? = UserAccount.ofThisMachine
  ) {
    self.ownDirectory = ownDirectory
    self.planDirectory = planDirectory
    self.searchPath = searchPath
    self.isExecutable = isExecutable
    self.user = user
  }

  /// The absolute path of a program.
  ///
  /// A bare name is looked up beside `faultline`, then in PATH; a relative path starts from the plan's folder.
  /// - Throws: where there is none, with all places that were tried.
  public func path(of program: String) throws(ExecutableNotFound) -> String {
    let candidates = candidates(program)
    guard let found = candidates.first(where: isExecutable) else {
      throw ExecutableNotFound(program: program, tried: candidates)
    }
    return found
  }

  private func candidates(_ program: String) -> [String] {
    if program.isEmpty { return [] }
    if program.hasPrefix("/") { return [program] }
    if program.contains("/") { return [FilePaths.join(planDirectory, program)] }
    let folders = [ownDirectory] + searchPath.filter { $0.hasPrefix("/") }  // "." in PATH would be another place
    return folders.map { FilePaths.join($0, program) }
  }

  /// Whether the kernel would let us execute this regular file.
  public static let isExecutableFile: @Sendable (String) -> Bool = { path in
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    return access(path, X_OK) == 0
  }
}

enum FilePaths {
  /// Whether an absolute path is inside a folder, whatever links there are; never with `..` in it.
  static func isBelow(_ path: String, _ folder: String) -> Bool {
    path.hasPrefix(folder + "/") && !path.split(separator: "/", omittingEmptySubsequences: false).contains("..")
      && !path.hasSuffix("/")
  }

  /// `path` from `directory`, or itself where it is absolute; leading `./` fall away.
  static func join(_ directory: String, _ path: String) -> String {
    if path.hasPrefix("/") { return path }
    var rest = Substring(path)
    while rest.hasPrefix("./") { rest = rest.dropFirst(2) }
    return directory.hasSuffix("/") ? directory + rest : directory + "/" + rest
  }
}
