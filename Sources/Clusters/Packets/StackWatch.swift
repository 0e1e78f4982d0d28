import CLinux
import Glibc

/// The counters that the kernel keeps of TCP and UDP in one network namespace, read whenever asked.
struct StackWatch: Sendable {
  static let bytesMax = 64 << 10

  private let snmp: Int32
  private let netstat: Int32

  /// - Parameter network: nil is the controller's.
  static func open(in network: Int32?) throws -> StackWatch {
    let files = ["snmp", "netstat"].map { fl_open_in(network ?? -1, "/proc/thread-self/net/\($0)") }
    guard files.allSatisfy({ $0 >= 0 }) else {
      let error = errno
      for file in files where file >= 0 { Glibc.close(file) }
      throw ClusterError.system("opening /proc/net/snmp", errno: error)
    }
    return StackWatch(snmp: files[0], netstat: files[1])
  }

  func close() {
    Glibc.close(snmp)
    Glibc.close(netstat)
  }

  /// What is there now; zeros where the kernel shows nothing.
  func read() -> StackCounters {
    let text = [snmp, netstat].map { file in
      lseek(file, 0, SEEK_SET)
      return SmallFile.content(of: file, bytesMax: Self.bytesMax) ?? ""
    }
    return StackCounters(procText: text.joined(separator: "\n"))
  }
}

extension StackCounters {
  /// From `/proc/net/snmp` and `/proc/net/netstat`: lines in twos, names and then numbers, of one protocol each.
  init(procText text: String) {
    var values: [String: Int] = [:]
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    for (names, numbers) in zip(lines, lines.dropFirst()) where names.first == numbers.first {
      for (name, number) in zip(names.dropFirst(), numbers.dropFirst()) {
        values["\(names[0])\(name)"] = Int(number)
      }
    }
    self.init(
      checksumErrors: (values["Tcp:InCsumErrors"] ?? 0) + (values["Udp:InCsumErrors"] ?? 0),
      resets: values["Tcp:EstabResets"] ?? 0, retransmitted: values["Tcp:RetransSegs"] ?? 0,
      outOfOrder: values["TcpExt:TCPOFOQueue"] ?? 0)
  }

  /// How much they grew since they were `start`.
  func since(_ start: StackCounters) -> StackCounters {
    StackCounters(
      checksumErrors: max(0, checksumErrors - start.checksumErrors), resets: max(0, resets - start.resets),
      retransmitted: max(0, retransmitted - start.retransmitted), outOfOrder: max(0, outOfOrder - start.outOfOrder))
  }
}
