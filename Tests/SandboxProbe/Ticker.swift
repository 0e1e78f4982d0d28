import CLinux
import Glibc

/// The program of a node for `cuts`: sends the time to all of the addresses each millisecond, and tells when asked of what
/// it got from them.
struct Ticker {
  private static let periodNanoseconds: UInt64 = 1_000_000

  private let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
  private let addresses: [String]
  /// By address: when the first and the last datagram were sent that arrived since they were forgotten.
  private var heard: [String: (first: UInt64, last: UInt64)] = [:]

  static func run(_ addresses: [String]) -> Never {
    var ticker = Ticker(addresses: addresses)
    bindAny(ticker.socket, NodePorts.ticks)
    var next = monotonicNanoseconds()
    while true {
      ticker.receive(until: next)
      ticker.tick()
      // Ticks that were missed, as others had the processor, are not made up for.
      next = max(next + periodNanoseconds, monotonicNanoseconds())
    }
  }

  private init(addresses: [String]) { self.addresses = addresses }

  private func tick() {
    for address in addresses { _ = sendDatagram(socket, address, NodePorts.ticks, "\(monotonicNanoseconds())") }
  }

  private mutating func receive(until deadline: UInt64) {
    var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    while monotonicNanoseconds() < deadline {
      guard poll(&waiting, 1, 1) > 0 else { return }
      while let (text, sender) = receiveDatagram(socket, Int32(MSG_DONTWAIT)) { take(text, sender) }
    }
  }

  private mutating func take(_ text: String, _ sender: sockaddr_in) {
    let address = String(cString: inet_ntoa(sender.sin_addr))
    if let sent = UInt64(text) {
      heard[address] = (heard[address]?.first ?? sent, sent)
      return
    }
    let answer = heard.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.first):\($0.value.last)" }
    if text == "forget" { heard = [:] }
    _ = sendDatagram(socket, address, UInt16(bigEndian: sender.sin_port), answer.joined(separator: " ") + " ")
  }
}

/// Uses a processor as much as it can.
func burn() -> Never {
  var number: UInt64 = 1
  while true { number = number &* 6_364_136_223_846_793_005 &+ 1 }
}
