import CLinux
import Glibc

/// The memory of another process through `/proc/PID/mem`, as it was when it was opened: after an exec there is nothing
/// left to read, whatever the number's owner does.
final class ProcessMemory: Sendable {
  /// Bytes that no other process has at this address.
  private static let mark: (address: UInt, bytes: [UInt8]) = {
    let bytes = Array("\(getpid()) since \(NodeClock.now())".utf8)
    let place = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 1)
    place.copyMemory(from: bytes, byteCount: bytes.count)
    return (UInt(bitPattern: place), bytes)
  }()

  private let descriptor: Int32

  /// Nil when the process has ended meanwhile.
  init?(_ pid: Int32) throws {
    descriptor = fl_open("/proc/\(pid)/mem", O_RDWR, 0)
    guard descriptor < 0 else { return }
    if errno == ENOENT || errno == ESRCH { return nil }
    throw ClusterError.system("opening the memory of process \(pid)", errno: errno)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Whether it is this process's own. A process that is being started is in its node's namespaces, and shares our memory
  /// until its exec.
  var isOwn: Bool { read(Self.mark.address, Self.mark.bytes.count) == Self.mark.bytes }

  /// Nil when the memory is gone: the process has ended, or runs another program.
  func read(_ address: UInt, _ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    let done = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, count, off_t(address)) }
    return done == count ? bytes : nil
  }

  /// False when the memory is gone. Write protection does not hold: the kernel gives the process a page of its own.
  func write(_ bytes: [UInt8], at address: UInt) throws -> Bool {
    let done = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(address)) }
    if done == bytes.count { return true }
    let error = errno
    if done == 0 || error == ESRCH || read(address, 1) == nil { return false }
    throw ClusterError.system(
      "writing to the memory of a process (is proc_mem.force_override set, or CONFIG_PROC_MEM_NO_FORCE?)", errno: error)
  }
}
