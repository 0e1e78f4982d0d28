import CLinux
import Glibc
import Synchronization

/// Where the caller of `Sandbox.enter` finds itself.
public enum SandboxEntry: Hashable, Sendable {
  /// In the controller, inside the sandbox: go on with the command.
  case inside
  /// Outside, and the inside has ended: exit with this code, after printing the message, if any, on stderr.
  case ended(exitCode: Int32, message: String?)
}

extension Sandbox {
  /// Moves the whole command into a sandbox. Call it before anything else: it runs this program once more, inside.
  ///
  /// In the first process it returns when the inside has ended; in the second one at once. The thread that calls it
  /// must stay until then, as the main thread does.
  ///
  /// - Throws: `SandboxRefusal` when this machine does not allow it; the command exits with 75.
  public static func enter() throws(SandboxRefusal) -> SandboxEntry {
    if let proof = getenv(FL_SANDBOX_VARIABLE) {
      try confirmInside(String(cString: proof))
      return .inside
    }
    var inside = fl_inside()
    fl_enter(CommandLine.unsafeArgv, &inside)
    if inside.step != FL_STEP_NONE {
      throw SandboxRefusal(step: inside.step, errno: inside.error, facts: HostFacts.current())
    }
    return outcome(inside)
  }

  /// The variable names the namespaces that the outer process made, and our parent must be their first process. So a
  /// value set by hand is noticed, and so is one inherited by a program that the controller started.
  private static func confirmInside(_ proof: String) throws(SandboxRefusal) {
    var own = fl_namespaces()
    let error = fl_namespaces_of("/proc/self", &own)
    guard error == 0, getppid() == 1, proof == "\(own.user):\(own.pid):\(own.net):\(own.mnt)" else {
      throw SandboxRefusal(
        call: "the check of \(FL_SANDBOX_VARIABLE)", errno: error,
        reason: "the variable is set to '\(proof)', but this process was not started inside a sandbox",
        remedy: "unset \(FL_SANDBOX_VARIABLE)")
    }
    // What the controller starts is not the controller.
    unsetenv(FL_SANDBOX_VARIABLE)
    fl_set_process_name("faultline")
    isInside.store(true, ordering: .releasing)
  }

  static func outcome(_ inside: fl_inside) -> SandboxEntry {
    if inside.exited != 0 { return .ended(exitCode: inside.code, message: nil) }
    if inside.signal != 0, inside.relayed & (1 << inside.signal) != 0 {
      // The controller had no handler for it yet, or chose to die of it: an interruption that was asked for.
      return .ended(exitCode: 130, message: nil)
    }
    let (who, signal) = inside.signal != 0 ? ("the controller", inside.signal) : ("the sandbox", inside.init_signal)
    return .ended(exitCode: 70, message: "\(who) was ended by signal \(signal); every node ended with it")
  }
}
