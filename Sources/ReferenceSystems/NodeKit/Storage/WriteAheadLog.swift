import NIOCore
import NIOPosix

/// An append-only file whose records survive crashes, with group commit: while the disk is busy with one record,
/// payloads gather for the next, which is one write and one fdatasync however many they are. The disk is used on a
/// thread of its own, so the event loop never waits for it.
///
/// It grows until its user says in one payload all that is still to be known, usually because a snapshot has the rest:
/// ``replace(with:sequence:)`` begins a new file with that.
///
/// Lives on one event loop.
public final class WriteAheadLog {
  private var file: any LogFile
  private let folder: any LogFolder
  private let loop: any EventLoop
  private let thread: NIOThreadPool
  private let syncs: Bool
  private let durable: (UInt64) -> Void
  private let failed: (any Error) -> Void
  /// Where the next record goes: the length of the file, in bytes.
  public private(set) var end: Int
  /// Payloads for the next record, each behind its length.
  private var gathered: [UInt8] = []
  /// Whether the first of them says everything, and begins a new file.
  private var gatheredReplacesAll = false
  /// Sequence of the last of them.
  private var gatheredSequence: UInt64 = 0
  /// Whether a record is on its way to the disk.
  private var isBusy = false
  private var hasFailed = false
  /// Records written and synced.
  public private(set) var recordCount = 0

  /// Opens or creates the log in `directory` and replays what it holds, before anything is appended.
  /// - Parameters:
  ///   - witness: the path of a file that is only there if the log was opened before; nil if there is none.
  ///   - syncs: false only for a planted bug: a record counts as durable when it is written.
  ///   - loop: where ``append(_:sequence:)`` is called and the two closures run; this must be called on it.
  ///   - thread: a pool of one thread that was started, for the disk alone.
  ///   - replay: takes each payload, in the order of appending.
  ///   - durable: everything up to this sequence number is on disk.
  ///   - failed: a write or sync failed. What was handed over may be lost, even if a later sync succeeds (the kernel
  ///     reports a lost page once), so the process must stop; nothing is written any more.
  /// - Throws: ``LogCorruption``, ``LogMissing``, ``FileError``, and whatever `replay` throws.
  public static func open(
    directory: String, witness: String? = nil, syncs: Bool = true, loop: any EventLoop, thread: NIOThreadPool,
    replay: ([UInt8]) throws -> Void, durable: @escaping (UInt64) -> Void, failed: @escaping (any Error) -> Void
  ) throws -> (log: WriteAheadLog, recovery: LogRecovery) {
    let folder = POSIXLogFolder(directory: directory)
    let file = try folder.open(witness: witness)
    let recovery = try LogRecovery.run(file, witness: witness, replay: replay)
    try folder.removeNext()
    let log = WriteAheadLog(
      file: file, in: folder, end: recovery.end, syncs: syncs, loop: loop, thread: thread, durable: durable,
      failed: failed)
    return (log, recovery)
  }

  init(
    file: any LogFile, in folder: any LogFolder, end: Int, syncs: Bool = true, loop: any EventLoop,
    thread: NIOThreadPool,
    durable: @escaping (UInt64) -> Void,
    failed: @escaping (any Error) -> Void
  ) {
    loop.preconditionInEventLoop()
    self.file = file
    self.folder = folder
    self.end = end
    self.loop = loop
    self.thread = thread
    self.syncs = syncs
    self.durable = durable
    self.failed = failed
  }

  /// Appends a payload. `durable` is called with `sequence`, or a later one, when it is on disk. Sequences ascend.
  public func append(_ payload: [UInt8], sequence: UInt64) {
    guard !hasFailed else { return }
    guard gathered.count + payload.count + 4 <= LogRecord.bodyBytesMax else {
      return fail(
        FileError(call: "append \(payload.count) bytes, over the limit of a record, to", path: "wal", code: 27))
    }
    LogRecord.append(UInt32(payload.count), to: &gathered)
    gathered.append(contentsOf: payload)
    gatheredSequence = sequence
    writeGathered()
  }

  /// Begins the log anew with a payload that says all that the log said before it, appended payloads included, whether they
  /// are on disk or not. `durable` is called as for ``append(_:sequence:)``. A crash at any moment leaves a log that replays to
  /// the same: the old file, or the new one from this payload on.
  public func replace(with payload: [UInt8], sequence: UInt64) {
    gathered.removeAll(keepingCapacity: false)
    gatheredReplacesAll = true
    append(payload, sequence: sequence)
  }

  /// Hands the disk everything that gathered, as one record, unless it is busy.
  private func writeGathered() {
    guard !isBusy, !gathered.isEmpty, !hasFailed else { return }
    isBusy = true
    let nextFolder = gatheredReplacesAll ? folder : nil
    let offset = gatheredReplacesAll ? LogRecord.fileHeader.count : end
    let record = LogRecord.encode(body: gathered, at: offset)
    let sequence = gatheredSequence
    end = offset + record.count
    gatheredReplacesAll = false
    gathered.removeAll(keepingCapacity: gathered.capacity < 1 << 20)
    let log = NIOLoopBound(self, eventLoop: loop)
    let file = self.file
    let syncs = self.syncs
    let loop = self.loop
    thread.submit { state in
      let result = Result<any LogFile, any Error> {
        guard case .active = state else { throw CancellationError() }
        if let nextFolder { return try Self.makeFile(with: record, at: offset, in: nextFolder) }
        try file.write(record, at: offset)
        if syncs { try file.sync() }
        return file
      }
      loop.execute { log.value.finished(sequence, result) }
    }
  }

  /// A file is complete before it gets the log's name.
  private static func makeFile(
    with record: [UInt8], at offset: Int, in folder: any LogFolder
  ) throws -> any LogFile {
    let next = try folder.makeNext()
    try next.write(LogRecord.fileHeader, at: 0)
    try next.write(record, at: offset)
    try next.sync()
    try folder.publishNext()
    return next
  }

  /// The disk is done with a record: the next one goes first, then the good news.
  private func finished(_ sequence: UInt64, _ result: Result<any LogFile, any Error>) {
    isBusy = false
    switch result {
    case .success(let file):
      self.file = file
      recordCount += 1
      writeGathered()
      durable(sequence)
    case .failure(let error):
      fail(error)
    }
  }

  /// Reports the first failure; nothing is written after it.
  private func fail(_ error: any Error) {
    guard !hasFailed else { return }
    hasFailed = true
    failed(error)
  }
}
