import Histories

/// The puts of one key as versions: those that did not fail, with what their contexts cover.
struct SiblingVersions {
  /// By version: the position of the put.
  private(set) var puts: [Int] = []
  /// By value: the version; `never` where nobody put it.
  private(set) var versionOfValue: [UInt32]
  private let object: SiblingsHistory
  private var versions: [VersionGraph.Version] = []
  private var segments: [VersionGraph.Segment] = []
  /// By context: what it covers, in the order in which gets returned it.
  private var covers: [[UInt32]]

  /// - Throws: `MalformedHistory` for a value that is put again.
  init(_ object: SiblingsHistory) throws(MalformedHistory) {
    self.object = object
    versionOfValue = Array(repeating: VersionGraph.never, count: object.values.count)
    covers = Array(repeating: [], count: object.contexts)
    for (position, put) in object.puts.enumerated() where put.outcome != .failed { try number(put, position) }
    follow()
  }

  private mutating func number(_ put: SiblingsHistory.Put, _ position: Int) throws(MalformedHistory) {
    let number = UInt32(truncatingIfNeeded: puts.count)
    puts.append(position)
    guard put.value != SiblingsHistory.never else { return }
    let first = versionOfValue[Int(put.value)]
    guard first == VersionGraph.never else {
      throw MalformedHistory(
        index: Int(put.invocation),
        message: "\(object.value(put.value)) is put again (first at event "
          + "\(object.puts[puts[Int(first)]].invocation)); every put needs a value of its own")
    }
    versionOfValue[Int(put.value)] = number
  }

  /// Goes through puts as they begin and gets as they end, so that a put observes the gets before it.
  private mutating func follow() {
    let gets = object.gets.sorted { $0.completion < $1.completion }
    var isCovered = CoverStamps()
    var wasReturned = [Bool](repeating: false, count: object.contexts)
    var next = 0
    for position in puts {
      let put = object.puts[position]
      while next < gets.count, gets[next].completion < put.invocation {
        if gets[next].context != SiblingsHistory.never {
          wasReturned[Int(gets[next].context)] = true
          cover(gets[next], &isCovered)
        }
        next += 1
      }
      var version = VersionGraph.Version(
        isAcknowledged: put.outcome == .ok, isDeletion: put.value == SiblingsHistory.never, invocation: put.invocation,
        completion: put.completion, start: VersionGraph.never)
      if put.context == SiblingsHistory.never {
        (version.start, version.end) = (0, 0)
      } else if wasReturned[Int(put.context)] {
        version.start = UInt32(truncatingIfNeeded: segments.count)
        let length = UInt32(truncatingIfNeeded: covers[Int(put.context)].count)
        segments.append(VersionGraph.Segment(list: put.context, length: length))
        version.end = UInt32(truncatingIfNeeded: segments.count)
      }
      versions.append(version)
    }
  }

  private mutating func cover(_ get: SiblingsHistory.Get, _ isCovered: inout CoverStamps) {
    for value in object.seen(get) {
      let version = versionOfValue[Int(value)]
      // What was seen before anybody wrote it is reported, and explains nothing.
      guard version != VersionGraph.never, object.puts[puts[Int(version)]].invocation < get.completion else { continue }
      let context = Int(get.context)
      if isCovered.insert(get.context, version, after: covers[context]) { covers[context].append(version) }
    }
  }

  /// What each context covers, so that nothing is covered twice: nearly all cover a few, which a look at each finds.
  private struct CoverStamps {
    private static let few = 16
    private var others: Set<UInt64> = []

    mutating func insert(_ context: UInt32, _ version: UInt32, after covered: [UInt32]) -> Bool {
      if covered.prefix(Self.few).contains(version) { return false }
      return covered.count < Self.few || others.insert(UInt64(context) << 32 | UInt64(version)).inserted
    }
  }

  var graph: VersionGraph {
    var (observed, starts): ([UInt32], [Int]) = ([], [0])
    for cover in covers {
      observed += cover
      starts.append(observed.count)
    }
    return VersionGraph(versions, segments, observed: observed, starts: starts, observesAcknowledged: false)
  }

  func version(of value: UInt32) -> UInt32? {
    versionOfValue[Int(value)] == VersionGraph.never ? nil : versionOfValue[Int(value)]
  }
}
