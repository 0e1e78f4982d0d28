import CLinux
import Glibc

/// What `/proc` tells about processes.
enum ProcFS {
  /// Numbers of the live processes in a network namespace, in order; a zombie is in none.
  ///
  /// - Parameter inode: of the namespace's file.
  static func processes(inNetwork inode: UInt64) -> [Int32] {
    let numbers = (SmallFile.names(in: "/proc") ?? []).compactMap { Int32($0) }
    return numbers.filter { network(of: $0) == inode }.sorted()
  }

  /// The inode of a process's network namespace; nil when it has ended.
  static func network(of pid: Int32) -> UInt64? {
    var info = stat()
    guard stat("/proc/\(pid)/ns/net", &info) == 0 else { return nil }
    return UInt64(info.st_ino)
  }

  /// The inode behind an open namespace descriptor.
  static func inode(of descriptor: Int32) throws -> UInt64 {
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw ClusterError.system("fstat of a namespace", errno: errno) }
    return UInt64(info.st_ino)
  }

  /// The file that a process's program was started from; nil when it has ended.
  static func executable(of pid: Int32) -> String? {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let length = readlink("/proc/\(pid)/exe", &path, Int(PATH_MAX))
    guard length > 0 else { return nil }
    return String(decoding: path[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A process's program and arguments, as it was started; nil when it has ended.
  static func commandLine(of pid: Int32) -> [String]? {
    guard let text = SmallFile.text("/proc/\(pid)/cmdline"), !text.isEmpty else { return nil }
    let line = text.hasSuffix("\0") ? String(text.dropLast()) : text
    return line.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
  }

  /// False for a process that is ending and has given its memory back, though it may still be listed.
  static func hasMemory(_ pid: Int32) -> Bool {
    SmallFile.text("/proc/\(pid)/statm").map { !$0.hasPrefix("0 ") } ?? false
  }

  /// Whether every thread of the process is stopped by a signal (T) or a tracer (t).
  ///
  /// All threads are asked: the first one may stop before the others do.
  static func isStopped(_ pid: Int32) -> Bool {
    let threads = SmallFile.names(in: "/proc/\(pid)/task") ?? []
    return !threads.isEmpty
      && threads.allSatisfy { thread in
        guard let text = SmallFile.text("/proc/\(pid)/task/\(thread)/stat") else { return true }
        return state(inStat: text).map { "TtZX".contains($0) } ?? false
      }
  }

  /// User and system time that a process has used, its threads' included; nil when it has ended.
  static func processorNanoseconds(of pid: Int32) -> Int64? {
    guard let text = SmallFile.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    // Fields 14 and 15 of proc(5); the first word here is field 3.
    let words = text[text.index(after: end)...].split(separator: " ")
    guard words.count > 12, let user = Int64(words[11]), let system = Int64(words[12]) else { return nil }
    return (user + system) * (1_000_000_000 / Int64(max(1, sysconf(Int32(_SC_CLK_TCK)))))
  }

  /// The state's letter in a `stat` line. The name before it may hold spaces and parentheses.
  static func state(inStat line: String) -> Character? {
    guard let end = line.lastIndex(of: ")") else { return nil }
    return line[line.index(after: end)...].first { $0 != " " }
  }
}
