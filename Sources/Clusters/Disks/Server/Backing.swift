import CLinux
import Glibc
import Synchronization

/// The directory beneath the layer: names, open files, and what a power failure would take from them.
///
/// Names are resolved under one lock, together with the call that uses them; contents have a lock a file.
final class Backing: Sendable {
  struct State {
    var table: NodeTable
    /// Open files, and closed ones that are not durable.
    var files: [BackingFile.Key: (file: BackingFile, users: Int)] = [:]
    /// Closed but not durable, oldest first.
    var lingering: [BackingFile.Key] = []
  }

  /// Files that are closed and not durable; when there are more the oldest are written back.
  static let lingeringMax = 512
  /// Old content that is kept of one file, in bytes; when it is more the file is written back.
  static let keptBytesMax = 64 << 20
  /// Names that no listing shows.
  static let ownPrefix = Array(DiskCommand.ownPrefix.utf8)

  let root: Int32
  let trouble: TroubleMaker
  private let rootKey: BackingFile.Key
  private let state: Mutex<State>

  /// Takes the directory's descriptor over.
  init(root: Int32, trouble: TroubleMaker) throws(DiskProblem) {
    var info = stat()
    guard fstat(root, &info) == 0 else { throw DiskProblem("fstat of the data directory", errno) }
    self.root = root
    self.trouble = trouble
    rootKey = BackingFile.Key(info)
    state = Mutex(State(table: NodeTable(root: BackingFile.Key(info))))
  }

  deinit { close(root) }

  func withTable<Result: Sendable>(
    _ body: (inout NodeTable) throws(FuseError) -> Result
  ) throws(FuseError) -> Result {
    try state.withLock { state throws(FuseError) in try body(&state.table) }
  }

  /// The path of an inode, for a call within the same turn.
  func withPath<Result: Sendable>(
    _ number: UInt64, _ body: (UnsafePointer<CChar>) throws(FuseError) -> Result
  ) throws(FuseError) -> Result {
    try withTable { table throws(FuseError) in
      guard let path = table.path(number) else { throw FuseError(ENOENT) }
      let result = path.withCString { text in
        Swift.Result<Result, FuseError> { () throws(FuseError) in try body(text) }
      }
      return try result.get()
    }
  }

  // MARK: - Files

  /// The open file of an inode, for one more user.
  func open(_ number: UInt64) throws(FuseError) -> BackingFile {
    try state.withLock { state throws(FuseError) in
      guard let key = state.table.key(number) else { throw FuseError(ENOENT) }
      if let known = state.files[key] {
        state.files[key]?.users += 1
        return known.file
      }
      guard let path = state.table.path(number) else { throw FuseError(ENOENT) }
      let file = try openBeneath(path)
      state.files[file.key] = (file, 1)
      return file
    }
  }

  /// The file if anybody has it open: the only way to an unlinked one.
  func opened(_ number: UInt64) -> BackingFile? {
    state.withLock { state in state.table.key(number).flatMap { state.files[$0]?.file } }
  }

  private func openBeneath(_ path: BackingPath) throws(FuseError) -> BackingFile {
    var descriptor = path.withCString { openat(root, $0, O_RDWR | O_CLOEXEC | O_NOFOLLOW) }
    if descriptor < 0 && [EACCES, EROFS, ETXTBSY].contains(errno) {
      descriptor = path.withCString { openat(root, $0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
    }
    var info = stat()
    guard descriptor >= 0, fstat(descriptor, &info) == 0 else { throw FuseError(errno) }
    return BackingFile(descriptor: descriptor, info: info)
  }

  /// One user fewer. A file that is not durable is remembered until it is.
  func release(_ file: BackingFile) {
    state.withLock { state in
      guard let users = state.files[file.key]?.users else { return }
      state.files[file.key]?.users = users - 1
      guard users <= 1 else { return }
      var info = stat()
      let isUnlinked = fstat(file.descriptor, &info) != 0 || info.st_nlink == 0
      if isUnlinked || file.isDurable {
        state.files[file.key] = nil
      } else {
        state.lingering.append(file.key)
        writeBackOldest(&state)
      }
    }
  }

  private func writeBackOldest(_ state: inout State) {
    while state.lingering.count > Self.lingeringMax {
      let key = state.lingering.removeFirst()
      guard let (file, users) = state.files[key], users == 0 else { continue }
      writeBack(file)
      state.files[key] = nil
    }
  }

  /// As a kernel does when too much of a file is dirty.
  func limit(_ file: BackingFile) {
    if file.keptBytes > Self.keptBytesMax { writeBack(file) }
  }

  private func writeBack(_ file: BackingFile) {
    trouble.wroteBack(file.keptBytes)
    file.settle()
  }

  // MARK: - Between mounts

  /// Takes back what is not durable; nil for `torn`: all of it. Nobody uses the files any more.
  func losePower(_ torn: TornWrite?) throws(DiskProblem) -> [DiskLoss] {
    try state.withLock { state throws(DiskProblem) in
      var losses: [DiskLoss] = []
      for (key, entry) in state.files {
        guard var loss = try entry.file.losePower(torn), let path = state.table.path(key) else { continue }
        loss.path = path.text
        losses.append(loss)
      }
      return losses.sorted { $0.path < $1.path }
    }
  }

  /// Forgets the kernel's numbers and every file: a mount begins.
  func begin() {
    state.withLock { $0 = State(table: NodeTable(root: rootKey)) }
  }
}
