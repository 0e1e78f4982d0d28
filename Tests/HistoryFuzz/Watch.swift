import Glibc

/// The input that is being read, for the handlers of signals.
///
/// Not protected, and need not be: one thread writes it, and a handler runs on that thread while it is stopped.
nonisolated(unsafe) private var current: UInt64 = 0

/// Says which input crashed the readers, or did not come to an end.
enum Watch {
  /// A hang is that many seconds without an answer.
  static let secondsMax: UInt32 = 20

  static func start() {
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGALRM] { _ = signal(number, report) }
  }

  static func next(_ input: UInt64) {
    current = input
    if input % 256 == 0 { alarm(secondsMax) }
  }

  static func stop() { alarm(0) }

  private static let report: @convention(c) (Int32) -> Void = { number in
    var digits: (UInt8, UInt8) = (UInt8(48 + number / 10), UInt8(48 + number % 10))
    _ = write(2, "history-fuzz: signal ", 21)
    _ = write(2, &digits, 2)
    _ = write(2, " in input ", 10)
    var rest = current
    var power: UInt64 = 10_000_000_000_000_000_000
    while power > 0 {
      var digit = UInt8(48 + rest / power)
      _ = write(2, &digit, 1)
      rest %= power
      power /= 10
    }
    _ = write(2, "\n", 1)
    _exit(1)
  }
}
