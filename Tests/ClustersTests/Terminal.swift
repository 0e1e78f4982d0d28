import Glibc

/// A pseudo-terminal without echo, on which Ctrl-C makes SIGINT.
struct Terminal {
  // Glibc's module does not show these requests of ioctl.
  private static let unlock: UInt = 0x4004_5431  // TIOCSPTLCK
  private static let number: UInt = 0x8004_5430  // TIOCGPTN

  /// The side that plays the user; the session that gets it closes it.
  let master: Int32
  /// The side for programs.
  let path: String

  init() throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var zero: Int32 = 0
    var index: UInt32 = 0
    guard master >= 0, ioctl(master, Self.unlock, &zero) == 0, ioctl(master, Self.number, &index) == 0 else {
      throw ProbeSession.Problem(description: "no pseudo-terminal: \(errno)")
    }
    path = "/dev/pts/\(index)"
    chmod(path, 0o666)
    var settings = termios()
    tcgetattr(master, &settings)
    settings.c_lflag &= ~tcflag_t(ECHO)
    settings.c_oflag &= ~tcflag_t(OPOST)
    tcsetattr(master, TCSANOW, &settings)
  }
}
