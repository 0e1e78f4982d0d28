import Glibc

/// The input that is being read, for the handlers of signals.
///
/// Not protected, and need not be: one thread writes it, and a handler runs on that thread while it is stopped.
nonisolated(unsafe) private var current: UInt64 = 0

/// Says which input crashed the readers, or did not come to an end.
enum Watch {
  /// A hang is that many seconds of processor time without 256 answers; on a busy machine they are many more.
  static let secondsMax = 20

  /// Names the seed at once: after a crash nothing is printed but the number of the input.
  static func start(seed: UInt64) {
    let line = Array("history-fuzz: seed \(seed)\n".utf8)
    _ = write(2, line, line.count)
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGVTALRM] { _ = signal(number, report) }
  }

  static func next(_ input: UInt64) {
    current = input
    if input % 256 == 0 { setAlarm(seconds: secondsMax) }
  }

  static func stop() { setAlarm(seconds: 0) }

  private static func setAlarm(seconds: Int) {
    var timer = itimerval()
    timer.it_value.tv_sec = seconds
    setitimer(__itimer_which_t(ITIMER_VIRTUAL.rawValue), &timer, nil)
  }

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
