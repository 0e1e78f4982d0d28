import CLinux
import Glibc

/// One process whose vDSO has the block, or may get it.
final class SkewedProcess: Sendable {
  /// What its vDSO is like.
  enum State: Equatable {
    /// The kernel's.
    case untouched
    /// Every clock function leads to the block, whose bytes these are.
    case patched([UInt8])
    /// Neither: another kernel's image, or somebody else patched it.
    case foreign
    /// The process has ended, or runs another program.
    case gone
  }

  let pid: Int32
  private let pidfd: Int32
  private let memory: ProcessMemory
  private let patching: ClockPatching
  /// Of its vDSO.
  private let base: UInt

  /// Nil when there is no such process any more, it is not in that network namespace, or has not become a program yet.
  ///
  /// - Throws: `ClusterError.clockNotSet` when it has no vDSO like ours, `ClusterError.system` when it cannot be reached.
  init?(_ pid: Int32, inNetwork inode: UInt64, _ patching: ClockPatching) throws {
    let descriptor = fl_pidfd_open(pid)
    guard descriptor >= 0 else { return nil }
    do {
      guard let memory = try ProcessMemory(pid), !memory.isOwn, let base = try Self.vdsoAddress(of: pid),
        // Asked last: that it is there still proves that the number had one owner all the time.
        ProcFS.network(of: pid) == inode, fl_pidfd_signal(descriptor, 0) == 0
      else {
        close(descriptor)
        return nil
      }
      (self.memory, self.base) = (memory, base)
    } catch {
      close(descriptor)
      // The kernel refuses the files of a process that is ending: it belongs to nobody any more.
      guard ProcFS.network(of: pid) == inode, ProcFS.hasMemory(pid) else { return nil }
      throw error
    }
    (self.pid, self.patching, pidfd) = (pid, patching, descriptor)
  }

  deinit { close(pidfd) }

  /// From the auxiliary vector that the kernel gave the program; nil when there is none any more.
  private static func vdsoAddress(of pid: Int32) throws -> UInt? {
    let descriptor = fl_open("/proc/\(pid)/auxv", O_RDONLY, 0)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ESRCH { return nil }
      throw ClusterError.system("opening the auxiliary vector of process \(pid)", errno: errno)
    }
    defer { close(descriptor) }
    var words = [UInt](repeating: 0, count: 128)
    let count = words.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    // While a program is being loaded the vector is there and empty: it has not become a program yet.
    guard count >= 16, words[0] != UInt(AT_NULL) else { return nil }
    for index in stride(from: 0, to: count / 16 * 2, by: 2) where words[index] == UInt(AT_SYSINFO_EHDR) {
      return words[index + 1]
    }
    throw ClusterError.clockNotSet(pid: pid, reason: "it has no 64-bit vDSO: is it a 32-bit program?")
  }

  // MARK: - Its vDSO

  var state: State {
    let patch = patching.patch
    let entries = patch.entries.compactMap { memory.read(base + UInt($0), VDSOPatch.jumpBytes) }
    let place = UInt(patch.blockOffset)
    guard entries.count == patch.entries.count, let block = memory.read(base + place, patch.code.bytes.count) else {
      return .gone
    }
    if patch.code.isBlock(block), entries == patch.jumps { return .patched(block) }
    let original = patch.entries.map { Array(patching.image[$0..<$0 + VDSOPatch.jumpBytes]) }
    // With the block but without the jumps, whoever was installing it did not come to an end.
    let isFree = block.allSatisfy { $0 == 0 } || patch.code.isBlock(block)
    return entries == original && isFree ? .untouched : .foreign
  }

  /// The line that its clock follows; nil when it has the kernel's code, or is gone.
  var line: SkewLine? {
    let code = patching.patch.code
    guard let block = memory.read(base + UInt(patching.patch.blockOffset), code.bytes.count), code.isBlock(block) else {
      return nil
    }
    return code.line(in: block)
  }

  /// Whether it runs the program that it ran when it was found.
  var isThere: Bool { memory.read(base, 1) != nil }

  /// How far its clock is ahead, in nanoseconds: its own code, run here. Nil when it is gone.
  func ahead() throws -> Int64? {
    switch state {
    case .untouched: 0
    case .patched(let block): try patching.patch.code.measure(block)
    case .foreign: throw ClusterError.clockNotSet(pid: pid, reason: "its vDSO is not the kernel's")
    case .gone: nil
    }
  }

  /// Puts the block in, then the jumps to it. No thread of the process may run meanwhile, and none be `isTorn`.
  func install(_ line: SkewLine) throws {
    let patch = patching.patch
    guard try memory.write(patch.code.block(with: line), at: base + UInt(patch.blockOffset)) else { return }
    for (entry, jump) in zip(patch.entries, patch.jumps) {
      guard try memory.write(jump, at: base + UInt(entry)) else { return }
    }
  }

  /// Changes the line of a patched process while it runs.
  func follow(_ line: SkewLine, block: [UInt8]) throws {
    let code = patching.patch.code
    let start = base + UInt(patching.patch.blockOffset)
    let count = code.count(in: block) &+ 1
    guard try memory.write(code.slotBytes(line), at: start + UInt(code.slotOffset(count: count))) else { return }
    _ = try memory.write(code.counterBytes(count), at: start + UInt(code.counterOffset))
  }

  // MARK: - Standing still

  func signal(_ signal: Int32) { _ = fl_pidfd_signal(pidfd, signal) }

  var isStopped: Bool { ProcFS.isStopped(pid) }

  /// Whether a thread of the stopped process stands where a jump is to be written.
  var isTorn: Bool {
    let counters = (SmallFile.names(in: "/proc/\(pid)/task") ?? []).map { thread in
      // `NUMBER ARGUMENTS… STACK COUNTER`, or `running`.
      SmallFile.text("/proc/\(pid)/task/\(thread)/syscall")?.split(whereSeparator: \.isWhitespace).last
        .flatMap { UInt($0.dropFirst(2), radix: 16) }
    }
    return counters.contains { counter in
      guard let counter else { return true }
      return counter > base && patching.patch.isTorn(Int(min(counter - base, UInt(Int.max))))
    }
  }
}
