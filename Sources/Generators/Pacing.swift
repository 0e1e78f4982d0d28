extension Generator {
  /// Spreads operations at random: the gap to the next is uniform in 0…2 × `seconds`, over all threads together.
  ///
  /// A late operation makes the later ones late too. Jepsen's `stagger`; for a rate that is kept, see `rate`.
  public func staggered(seconds mean: Double, stream: RandomStream) -> some Generator {
    Paced(child: self, gap: .uniform(mean: Double(nanoseconds(mean))), stream: stream, backlogMax: 0)
  }

  /// At least `seconds` between one operation and the next, over all threads together.
  public func delayed(seconds: Double) -> some Generator {
    Paced(child: self, gap: .fixed(nanoseconds(seconds)), stream: RandomStream(seed: 0), backlogMax: 0)
  }

  /// `perSecond` operations a second on average, whatever the scheduler's own delays: what was due while all threads
  /// were busy is made up for, but never more than the backlog of `RatePattern.backlogMax`.
  ///
  /// - Precondition: `perSecond` is positive.
  public func rate(
    _ perSecond: Double, _ pattern: RatePattern = .staggered, stream: RandomStream
  ) -> some Generator {
    precondition(perSecond > 0, "a rate is positive, not \(perSecond)")
    let mean = 1e9 / perSecond
    let gap: Gap =
      switch pattern {
      case .metronome: .steady(mean: mean)
      case .staggered: .uniform(mean: mean)
      case .poisson: .exponential(mean: mean)
      }
    return Paced(child: self, gap: gap, stream: stream, backlogMax: RatePattern.backlogMax)
  }
}

/// How the operations of a rate lie in time.
public enum RatePattern: String, Hashable, Sendable, CaseIterable {
  /// At equal distances.
  case metronome
  /// With gaps uniform in 0…2 × the mean.
  case staggered
  /// With exponential gaps: as independent clients would come.
  case poisson

  /// 0.1 s in nanoseconds: so much of the past may be made up for after a stall. A whole stall made up for would be a
  /// flood that says nothing about the system at the wanted rate.
  public static let backlogMax: Int64 = 100_000_000
}

enum Gap: Sendable {
  case fixed(Int64)
  case steady(mean: Double)
  case uniform(mean: Double)
  case exponential(mean: Double)

  /// Nanoseconds, not yet rounded: the sum of rounded gaps would drift from the rate.
  func draw(_ stream: inout RandomStream) -> Double {
    switch self {
    case .fixed(let gap): Double(gap)
    case .steady(let mean): mean
    case .uniform(let mean): stream.unit() * 2 * mean
    case .exponential(let mean): -logarithm(1 - stream.unit()) * mean
    }
  }
}

struct Paced<Child: Generator>: Generator {
  var child: Child
  let gap: Gap
  var stream: RandomStream
  /// How far behind its plan it may be before it gives the rest up, in nanoseconds.
  let backlogMax: Int64
  /// When the next operation is due, in nanoseconds with their fraction; nil before the first, which is due at once.
  private var due: Double?

  init(child: Child, gap: Gap, stream: RandomStream, backlogMax: Int64) {
    self.child = child
    self.gap = gap
    self.stream = stream
    self.backlogMax = backlogMax
  }

  mutating func next(_ context: Context) -> Next {
    let answer = child.next(context)
    guard case .operation(var operation) = answer, !operation.isSleep else { return answer }
    let earliest = operation.time ?? context.time
    let planned = max(due ?? Double(earliest), Double(earliest - backlogMax))
    let start = max(earliest, Int64(planned.rounded(.up)))
    operation.time = start
    due = planned + gap.draw(&stream)
    return .operation(operation)
  }

  mutating func update(_ context: Context, _ event: ThreadEvent) { child.update(context, event) }
}
