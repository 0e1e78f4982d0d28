/// Names for violations of mutexes and semaphores.
struct LockAnomalies {
  let around: ViolatedHistory<LockOperation>
  let permits: Int
  let isOwned: Bool

  func find() -> NamedAnomaly? { around.operation.isAcquire ? doubleGrant() : releaseWhileFree() }

  /// The acquisitions that had returned and that no release can have undone when the violating one returned.
  private func doubleGrant() -> NamedAnomaly? {
    let holders = around.others { position, operation in operation.isAcquire && around.isDone(position) }
    let releases = around.others { _, operation in !operation.isAcquire }
    // By owner, or for all: the end of the last release, which an acquisition must follow to be certainly held.
    var lastRelease: [Int32: UInt32] = [:]
    for release in releases {
      let end = around.history.completions[Int(release)]
      lastRelease[around[release].owner] = max(end, lastRelease[around[release].owner] ?? 0)
    }
    let held = holders.filter { holder in
      lastRelease[around[holder].owner].map { $0 < around.history.invocations[Int(holder)] } ?? true
    }
    let me = around.violation
    if held.count >= permits, let last = held.last {
      if permits == 1 {
        let order: AnomalySentence =
          around.isBefore(last)
          ? "\(operation: last) finished before \(operation: me) began, and nobody released it in between"
          : "\(operation: last) and \(operation: me) both succeeded, and nobody released it in between"
        return NamedAnomaly(.doubleGrant, order)
      }
      return NamedAnomaly(
        .doubleGrant, "\(operation: me) got a permit though all \(permits) were taken, the last by \(operation: last)")
    }
    // The number alone: more acquisitions have returned than releases have begun and permits are there.
    if holders.count - releases.count >= permits {
      return NamedAnomaly(
        .doubleGrant,
        "\(operation: me) is acquisition \(holders.count + 1) of \(permits == 1 ? "the lock" : "\(permits) permits"),"
          + " but only \(releases.count) \(releases.count == 1 ? "release" : "releases") had begun")
    }
    return NamedAnomaly(
      .doubleGrant,
      "\(operation: me) returned, but no order of the releases has \(permits == 1 ? "the lock" : "a permit") free for it"
    )
  }

  private func releaseWhileFree() -> NamedAnomaly? {
    let me = around.violation
    let mine = { (position: UInt32) in !isOwned || around[position].process == around[me].process }
    let acquisitions = around.others { position, operation in operation.isAcquire && mine(position) }
    let releases = around.others { position, operation in
      !operation.isAcquire && mine(position) && around.isDone(position)
    }
    let what = permits == 1 ? "the lock" : "a permit"
    if acquisitions.isEmpty {
      return NamedAnomaly(
        .releaseWhileFree, "\(operation: me) succeeded, but \(isOwned ? "that process" : "nobody") had acquired \(what)"
      )
    }
    if releases.count >= acquisitions.count, let last = releases.last {
      return NamedAnomaly(
        .releaseWhileFree,
        "\(operation: me) succeeded after \(operation: last): \(releases.count + 1) releases of"
          + " \(acquisitions.count) acquisition\(acquisitions.count == 1 ? "" : "s")")
    }
    return NamedAnomaly(
      .releaseWhileFree,
      "\(operation: me) succeeded, but in no order is \(permits == 1 ? "the lock held" : what + " out") then")
  }
}

/// Names for violations of locks with fencing tokens.
struct FencedLockAnomalies {
  let around: ViolatedHistory<FencedOperation>

  func find() -> NamedAnomaly? {
    switch around.operation {
    case .acquire(let token): acquired(token)
    case .acquireUnknown: nil
    case .release(let token): released(token)
    case .write(let token): written(token)
    }
  }

  private func acquired(_ token: Int64) -> NamedAnomaly? {
    let me = around.violation
    for other in around.begun.reversed() where other != me {
      guard case .acquire(let earlier) = around[other] else { continue }
      if earlier == token, around.isDone(other) {
        return NamedAnomaly(.tokenNotIncreasing, "\(operation: other) and \(operation: me) got the same token")
      }
      if earlier > token, around.isBefore(other) {
        return NamedAnomaly(
          .tokenNotIncreasing,
          "\(operation: other) finished before \(operation: me) began, but token \(token) is not above \(earlier)")
      }
    }
    var released: Set<Int64> = []
    for position in around.begun { if case .release(let token) = around[position] { released.insert(token) } }
    let holders = around.others { position, operation in
      if case .acquire(let held) = operation { around.isBefore(position) && !released.contains(held) } else { false }
    }
    guard let holder = holders.last else { return nil }
    return NamedAnomaly(
      .doubleGrant,
      "\(operation: holder) finished before \(operation: me) began, and nobody released it in between")
  }

  private func released(_ token: Int64) -> NamedAnomaly? {
    let me = around.violation
    let sources = around.others { _, operation in
      switch operation {
      case .acquire(token), .acquireUnknown: true
      default: false
      }
    }
    if sources.isEmpty {
      return NamedAnomaly(.releaseWhileFree, "\(operation: me) succeeded, but nobody had acquired token \(token)")
    }
    let twins = around.others { position, operation in
      if case .release(token) = operation { around.isDone(position) } else { false }
    }
    guard sources.count == 1, let twin = twins.last else { return nil }
    return NamedAnomaly(
      .releaseWhileFree, "\(operation: twin) and \(operation: me) both succeeded, but the token was handed out once")
  }

  private func written(_ token: Int64) -> NamedAnomaly? {
    let later = around.others { position, operation in
      if case .write(let other) = operation { other > token && around.isBefore(position) } else { false }
    }
    guard let other = later.last else { return nil }
    return NamedAnomaly(
      .staleToken,
      "\(operation: other) finished before \(operation: around.violation) began, which is of a smaller token")
  }
}
