import CCurl
import Glibc

/// Many HTTP/1.1 transfers at once on one thread: one for each slot, a slot for each client thread of the run.
///
/// A response means that the server answered; a failure with `neverSent` that the operation certainly did not happen; any
/// other failure that nobody knows. A request is handed to the network at most once (see `SendEvidence`). Connections are
/// kept and shared by the slots.
///
/// Stamps: take the invocation's just before `start`, which sends at once if a connection is open; the completion's comes
/// with the result, read after the last byte and before any other transfer is looked at.
///
/// A noncopyable struct over fixed memory, not a class: it has one owner, cannot be used by two threads at a time, and its
/// hot path has neither reference counts nor exclusivity checks. It may move to another thread between two calls. Ignore
/// SIGPIPE in the process if https is used: OpenSSL writes without MSG_NOSIGNAL.
public struct HTTPDriver: ~Copyable {
  /// Wakes `wait` from any thread.
  public let waker: Waker
  public let slotCount: Int
  public let limits: HTTPLimits

  private struct Completion {
    var slot: Int
    var result: HTTPResult
    var completedAt: Int64
  }

  private static let wakerTag = UInt64.max

  /// At fixed addresses: libcurl's callbacks write to them.
  private let slots: UnsafeMutablePointer<TransferSlot>
  private let multi: CurlMulti
  private var headerLists = HeaderListCache()
  /// Not handed over yet: at most one for each slot.
  private var completions: [Completion] = []

  /// A driver of `slots` idle slots, above 0.
  /// - Throws: `system` or `libcurl` if descriptors or memory are short.
  public init(slots count: Int, limits: HTTPLimits = HTTPLimits()) throws(HTTPDriverError) {
    try self.init(slots: count, limits: limits, coarsePoll: nil)
  }

  /// - Parameter coarsePoll: forces or forbids waits in whole milliseconds; nil asks the kernel.
  init(slots count: Int, limits: HTTPLimits, coarsePoll: Bool?) throws(HTTPDriverError) {
    precondition(count > 0, "a driver needs a slot")
    let poll = try EventPoll(coarse: coarsePoll)
    let waker = try Waker()
    let code = poll.control(EPOLL_CTL_ADD, waker.descriptor, events: EPOLLIN.rawValue, tag: Self.wakerTag)
    guard code == 0 else { throw .system(call: "epoll_ctl", errno: code) }
    multi = try CurlMulti(idleConnectionsMax: limits.idleConnectionsMax ?? 8 * count, poll: poll)
    self.waker = waker
    self.limits = limits
    slotCount = count
    slots = .allocate(capacity: count)
    for index in 0..<count { (slots + index).initialize(to: TransferSlot(index: index, limits: limits)) }
  }

  /// Ends every transfer without a result and closes every connection.
  deinit {
    for index in 0..<slotCount {
      if let easy = slots[index].activeHandle { multi.remove(easy) }
    }
    slots.deinitialize(count: slotCount)
    slots.deallocate()
  }

  /// Begins a transfer. It is sent now if a connection is open, else when `wait` has made one.
  ///
  /// The slot must be idle: every earlier transfer of it completed or cancelled. A failure that is known at once (a refused
  /// connection) is reported by the next `wait` like any other.
  /// - Throws: for a request that would corrupt the stream or that breaks a limit; the slot stays idle, nothing is sent.
  public mutating func start(slot index: Int, request: HTTPRequest) throws(HTTPDriverError) {
    precondition(index >= 0 && index < slotCount, "slot \(index) of \(slotCount)")
    precondition(!slots[index].isActive && !isPending(index), "slot \(index) is busy")
    let slot = slots + index
    let easy = try slot.pointee.begin(request, lists: &headerLists) { () throws(HTTPDriverError) in
      try multi.makeHandle(for: slot)
    }
    try multi.add(easy)
    try multi.runTimers()
    collect()
  }

  /// Drives the transfers until one completes, the deadline passes or `waker` is used, and hands over what completed.
  ///
  /// Every completion so far is handed over, in order of completion; events are looked at even if some are ready at once,
  /// so that no slot starves.
  /// - Parameters:
  ///   - deadline: an instant of `CLOCK_MONOTONIC`; `.max` for none.
  ///   - onCompletion: the slot, idle again; how the transfer ended; the stamp, of `CLOCK_MONOTONIC`.
  public mutating func wait(
    untilNanoseconds deadline: Int64, onCompletion: (_ slot: Int, _ result: HTTPResult, _ completedAt: Int64) -> Void
  ) throws(HTTPDriverError) {
    var isWoken = false
    repeat {
      let count = try multi.poll(nanoseconds: patience(deadline))
      for index in 0..<count {
        let event = multi.event(index)
        if event.tag == Self.wakerTag {
          waker.drain()
          isWoken = true
        } else {
          try multi.dispatch(event)
          collect()
        }
      }
      try multi.runTimersIfDue()
      collect()
    } while completions.isEmpty && !isWoken && monotonicNanoseconds() < deadline
    handOver(onCompletion)
  }

  /// Ends the slot's transfer and closes its connection.
  /// - Returns: the failure, which tells whether the request was sent; the result if it had completed but was not handed
  ///   over yet; nil if the slot was idle.
  @discardableResult
  public mutating func cancel(slot index: Int) -> HTTPResult? {
    precondition(index >= 0 && index < slotCount, "slot \(index) of \(slotCount)")
    if let pending = completions.firstIndex(where: { $0.slot == index }) {
      return completions.remove(at: pending).result
    }
    guard let easy = slots[index].activeHandle else { return nil }
    multi.remove(easy)
    return slots[index].end(code: CURLE_ABORTED_BY_CALLBACK, abort: .cancelled)
  }

  /// How long the next poll may sleep.
  private func patience(_ deadline: Int64) -> Int64 {
    guard completions.isEmpty else { return 0 }
    return max(0, min(deadline, multi.timerNanoseconds) - monotonicNanoseconds())
  }

  private func isPending(_ slot: Int) -> Bool { completions.contains { $0.slot == slot } }

  /// Takes what has completed since the last call into libcurl, with one stamp: it was read in that one call.
  private mutating func collect() {
    guard var done = multi.nextDone() else { return }
    let now = monotonicNanoseconds()
    while true {
      let slot = CurlCallbacks.slot(of: done.easy.raw)
      multi.remove(done.easy)
      let result = slot.pointee.end(code: done.code)
      completions.append(Completion(slot: slot.pointee.index, result: result, completedAt: now))
      guard let next = multi.nextDone() else { return }
      done = next
    }
  }

  private mutating func handOver(_ onCompletion: (Int, HTTPResult, Int64) -> Void) {
    for completion in completions { onCompletion(completion.slot, completion.result, completion.completedAt) }
    completions.removeAll(keepingCapacity: true)
  }
}
