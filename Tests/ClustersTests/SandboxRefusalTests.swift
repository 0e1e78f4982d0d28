import CLinux
import Glibc
import Testing

@testable import Clusters

@Suite struct SandboxRefusalTests {
  struct Case: Sendable {
    var step: fl_step
    var errno: Int32
    var facts: HostFacts
    /// Must be in the text.
    var words: [String]
  }

  private static let ordinary = HostFacts(isRoot: false, userNamespacesMax: 1000, seccompFilter: false)

  private static func with(_ change: (inout HostFacts) -> Void) -> HostFacts {
    var facts = ordinary
    change(&facts)
    return facts
  }

  static let cases: [Case] = [
    Case(
      step: FL_STEP_CLONE, errno: ENOSPC, facts: ordinary,
      words: ["clone(CLONE_NEWUSER", "ENOSPC", "sysctl user.max_user_namespaces"]),
    Case(
      step: FL_STEP_CLONE, errno: EPERM, facts: with { $0.unprivilegedClone = 0 },
      words: ["EPERM", "sysctl kernel.unprivileged_userns_clone=1"]),
    Case(
      step: FL_STEP_PRIVATE_ROOT, errno: EACCES, facts: with { $0.appArmorRestricts = 1 },
      words: ["mount(/", "EACCES", "AppArmor", "sysctl kernel.apparmor_restrict_unprivileged_userns=0"]),
    Case(
      step: FL_STEP_CLONE, errno: EPERM, facts: with { $0.seccompFilter = true },
      words: ["seccomp", "--security-opt seccomp=unconfined"]),
    Case(
      step: FL_STEP_PROC, errno: EPERM, facts: with { $0.seccompFilter = true },
      words: ["mount(proc, /proc)", "systempaths=unconfined"]),
    Case(step: FL_STEP_CLONE, errno: EINVAL, facts: ordinary, words: ["CONFIG_USER_NS"]),
    Case(step: FL_STEP_CLONE, errno: EPERM, facts: ordinary, words: ["chroot", "as root"]),
    Case(step: FL_STEP_CLONE, errno: EAGAIN, facts: ordinary, words: ["EAGAIN", "ulimit"]),
    Case(step: FL_STEP_EXEC, errno: EIO, facts: ordinary, words: ["execveat", "EIO"]),
  ]

  @Test(arguments: cases.indices)
  func textNamesCallReasonAndRemedy(_ index: Int) {
    let test = Self.cases[index]
    let text = "\(SandboxRefusal(step: test.step, errno: test.errno, facts: test.facts))"
    for word in test.words { #expect(text.contains(word)) }
  }

  @Test func factsAreReadHere() {
    let facts = HostFacts.current()
    #expect(facts.isRoot == (geteuid() == 0))
    #expect(facts.userNamespacesMax != nil)
  }
}

@Suite struct AsyncLockTests {
  /// Without the lock two bodies would overlap at the suspension point.
  @Test func bodiesNeverOverlap() async {
    let lock = AsyncLock()
    let inside = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<200 {
        group.addTask {
          await lock.with {
            #expect(await inside.add(1) == 1)
            await Task.yield()
            #expect(await inside.add(-1) == 0)
          }
        }
      }
    }
  }

  private actor Counter {
    private var value = 0
    func add(_ amount: Int) -> Int {
      value += amount
      return value
    }
  }
}
