import Glibc

/// A process as the host's `/proc` shows it.
struct HostProcess: Hashable {
  var pid: pid_t
  var parent: pid_t
  var state: Character

  /// Every live process with the marker in its arguments or environment. Zombies have neither.
  static func all(marked marker: String) -> [HostProcess] {
    names(in: "/proc").compactMap { name in
      guard let pid = pid_t(name) else { return nil }
      let own = (text("/proc/\(pid)/cmdline") ?? "") + (text("/proc/\(pid)/environ") ?? "")
      guard own.contains(marker), let process = HostProcess(pid) else { return nil }
      return process.state == "Z" ? nil : process
    }
  }

  init?(_ pid: pid_t) {
    guard let line = text("/proc/\(pid)/stat"), let end = line.lastIndex(of: ")") else { return nil }
    let words = line[line.index(after: end)...].split(separator: " ")
    guard words.count > 2, let state = words[0].first, let parent = pid_t(words[1]) else { return nil }
    (self.pid, self.parent, self.state) = (pid, parent, state)
  }
}

/// What a run must leave as it was: interfaces, mounts, packet filter rules.
struct HostState: Equatable {
  var interfaces: [String]
  var mounts: String?
  var legacyTables: String?
  var rules: String?

  static func now() -> HostState {
    HostState(
      interfaces: names(in: "/sys/class/net"), mounts: text("/proc/self/mountinfo"),
      legacyTables: text("/proc/self/net/ip_tables_names"),
      rules: output("iptables-save; ip rule; ip route show table all"))
  }

  private static func output(_ command: String) -> String? {
    guard let stream = popen("PATH=$PATH:/usr/sbin:/sbin; (\(command)) 2>/dev/null | grep -v '^#'", "r") else {
      return nil
    }
    defer { pclose(stream) }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 { text += chunk[..<count] }
    return String(decoding: text, as: UTF8.self)
  }
}

func text(_ path: String) -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
  return String(decoding: bytes, as: UTF8.self)
}

func names(in directory: String) -> [String] {
  guard let stream = opendir(directory) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    names.append(
      withUnsafePointer(to: &entry.pointee.d_name) {
        String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      })
  }
  return names.sorted()
}

/// A directory that every account may write to, removed with the object.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/faultline-tests-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else { throw ProbeSession.Problem(description: "mkdtemp: \(errno)") }
    path = made
    chmod(path, 0o777)
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    if unlink(path) == 0 { return }
    for name in names(in: path) where name != "." && name != ".." { remove("\(path)/\(name)") }
    rmdir(path)
  }
}
