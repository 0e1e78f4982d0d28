import Nemesis
import Systems

/// A fault as somebody asked for it, from YAML or from the command line: texts, each with its place.
private struct FaultRequest {
  struct Text {
    var text: String
    var place: Diagnostic.Place
  }

  var name: Text
  var targets: [Text]?
  var every: Text?
  var hold: Text?
  var from: Text?
  var until: Text?
  /// What is none of the above: parameters of the fault, if it has them.
  /// A value that is no scalar is nil: what it is instead, and where, is kept for whoever knows the parameter.
  var parameters: [(key: Text, value: Text?, summary: String)] = []
}

extension PlanDecoder {
  /// Quiet that the schedule keeps behind the last healing of the load phase, in seconds.
  static let tailSeconds = Double(FaultSchedule.tailNanoseconds) / 1e9

  /// Seconds from one injection to the next where nobody says: short enough that each fault comes at least twice in a
  /// short run, long enough that a cluster settles between two.
  static func defaultEvery(durationSeconds: Double) -> Double {
    min(max(durationSeconds / 5, 2.5), 10, durationSeconds / 2)
  }

  /// The block `faults:`, or `--faults`.
  func faults(_ plan: Fields, _ system: SystemDescription, durationSeconds: Double) -> [FaultSettings] {
    let fromPlan = plan.node("faults").map { sink.listOrOne($0, "a list of faults") } ?? []
    // What the command line replaces need not fit the number of nodes or the duration that it also gives.
    let isReplaced = overrides.faults != nil
    let planned = fromPlan.compactMap { settings(request($0), system, durationSeconds, mustFit: !isReplaced) }
    guard let text = overrides.faults else { return planned }
    let argument = sink.option("--faults") { () throws(UnitProblem) in try FaultsArgument(text) }
    return (argument?.entries ?? []).compactMap { settings(request($0), system, durationSeconds, mustFit: true) }
  }

  private func request(_ node: YAMLNode) -> FaultRequest? {
    if node.scalar != nil { return text(node, "a fault's name").map { FaultRequest(name: $0) } }
    let fields = Fields(node, "a fault", sink)
    let name = fields.required("name", "the fault's name").flatMap { text($0, "a fault's name") }
    let targets = fields.node("targets").map { node in
      sink.listOrOne(node, "a list of targets").compactMap { text($0, "a target's name") }
    }
    let every = fields.node("every").flatMap { text($0, "a duration") }
    let hold = fields.node("hold").flatMap { text($0, "a duration") }
    let from = fields.node("from").flatMap { text($0, "a time of the load phase") }
    let until = fields.node("until").flatMap { text($0, "a time of the load phase") }
    let parameters = fields.rest().map { entry in
      let value = entry.value.scalar.map { FaultRequest.Text(text: $0.text, place: sink.place(entry.value.mark)) }
      return (
        key: FaultRequest.Text(text: entry.key, place: sink.place(entry.keyMark)), value: value,
        summary: entry.value.summary
      )
    }
    return name.map {
      FaultRequest(
        name: $0, targets: targets, every: every, hold: hold, from: from, until: until, parameters: parameters)
    }
  }

  private func text(_ node: YAMLNode, _ expected: String) -> FaultRequest.Text? {
    sink.text(node, expected).map { FaultRequest.Text(text: $0, place: sink.place(node.mark)) }
  }

  private func request(_ entry: FaultsArgument.Entry) -> FaultRequest {
    let place = Diagnostic.Place.option("--faults")
    var request = FaultRequest(name: .init(text: entry.name, place: place))
    for parameter in entry.parameters {
      let value = FaultRequest.Text(text: parameter.value, place: place)
      switch parameter.key {
      case "targets":
        request.targets = parameter.value.split(separator: "+", omittingEmptySubsequences: false).map {
          FaultRequest.Text(text: String($0), place: place)
        }
      case "every": request.every = value
      case "hold": request.hold = value
      case "from": request.from = value
      case "until": request.until = value
      default: request.parameters.append((key: .init(text: parameter.key, place: place), value: value, summary: ""))
      }
    }
    return request
  }
}

extension PlanDecoder {
  /// - Parameter mustFit: whether the fault must be possible with these nodes in this time.
  private func settings(
    _ request: FaultRequest?, _ system: SystemDescription, _ duration: Double, mustFit: Bool
  ) -> FaultSettings? {
    guard let request else { return nil }
    let name = request.name
    guard let package = catalogue.faults.first(where: { $0.name == name.text }) else {
      sink.report(UnknownName.message("fault", name.text, known: catalogue.faults.map(\.name)), at: name.place)
      return nil
    }
    if mustFit, system.nodeCount < package.nodesMin {
      sink.report(
        "\(package.name) needs at least \(package.nodesMin) nodes, and the system has \(system.nodeCount)",
        at: name.place)
    }
    if let missing = package.requires.compactMap(system.absence).first {
      sink.report("'\(package.name)' needs \(missing)", at: name.place)
    }
    let phase = phase(request, duration)
    let length = (phase.until ?? duration) - phase.from
    let (every, hold) = times(request, mustFit ? length : .infinity)
    let targets =
      asked(request, package, system, mustFit: mustFit)
      ?? package.defaultTargets(every: every, hold: hold, durationSeconds: length) { target in
        target.requires.allSatisfy { system.absence($0) == nil } && system.nodeCount >= target.nodesMin
      }
    return FaultSettings(
      name: package.name, targets: targets, every: every, hold: hold, from: phase.from, until: phase.until,
      arguments: arguments(request, package, system))
  }

  /// `from` and `until`: seconds of the load phase, given as such or as a part of it.
  private func phase(_ request: FaultRequest, _ duration: Double) -> (from: Double, until: Double?) {
    let from = moment(request.from, duration) ?? 0
    let until = moment(request.until, duration).flatMap { $0 < duration ? $0 : nil }
    guard from < until ?? duration else {
      let end = until.map { "until (\(Units.plain($0))s)" } ?? "the duration (\(Units.plain(duration))s)"
      sink.report(
        "from (\(Units.plain(from))s) must be less than \(end)",
        at: (request.from ?? request.until ?? request.name).place)
      return (0, nil)
    }
    return (from, until)
  }

  private func moment(_ text: FaultRequest.Text?, _ duration: Double) -> Double? {
    guard let text else { return nil }
    guard text.text.hasSuffix("%") else { return text.text == "0" || text.text == "0s" ? 0 : seconds(text) }
    guard let (percent, unit) = Units.split(text.text), unit == "%", (0...100).contains(percent) else {
      sink.report("expected a part of the duration from 0% to 100%, not '\(text.text)'", at: text.place)
      return nil
    }
    return duration * percent / 100
  }

  private func arguments(
    _ request: FaultRequest, _ package: FaultPackage, _ system: SystemDescription
  ) -> [String: FaultArgument] {
    var arguments: [String: FaultArgument] = [:]
    for (key, value, summary) in request.parameters {
      guard let parameter = package.parameters.first(where: { $0.name == key.text }) else {
        let known = ["targets", "every", "hold", "from", "until"] + package.parameters.map(\.name)
        sink.report(UnknownName.message("parameter of \(package.name)", key.text, known: known), at: key.place)
        continue
      }
      if arguments[parameter.name] != nil {
        sink.report("'\(parameter.name)' of \(package.name) is there twice", at: key.place)
      }
      guard let value else {
        sink.report("'\(parameter.name)' is a value, or a range such as a..b, not \(summary)", at: key.place)
        continue
      }
      do {
        arguments[parameter.name] = try Units.argument(value.text, of: parameter)
        let names = system.versions.map(\.name)
        if package.requires.contains(.versions), parameter.name == "to", !names.contains(value.text) {
          sink.report(UnknownName.message("version", value.text, known: names), at: value.place)
        }
      } catch {
        sink.report(error.message, at: value.place)
      }
    }
    return arguments
  }

  /// The targets that somebody named; nil where nobody did.
  private func asked(
    _ request: FaultRequest, _ package: FaultPackage, _ system: SystemDescription, mustFit: Bool
  ) -> [String]? {
    guard let asked = request.targets else { return nil }
    if asked.isEmpty { sink.report("\(package.name) has an empty list of targets", at: request.name.place) }
    var chosen: [String] = []
    var leftOut = 0
    for target in asked {
      guard let known = package.targets.first(where: { $0.name == target.text }) else {
        let names = package.targets.map(\.name)
        sink.report(UnknownName.message("target of \(package.name)", target.text, known: names), at: target.place)
        continue
      }
      if let missing = known.requires.compactMap(system.absence).first {
        sink.report("'\(known.name)' needs \(missing)", at: target.place)
      }
      // A plan need not foresee that the command line asks for fewer nodes than it has.
      if mustFit, system.nodeCount < known.nodesMin, overrides.nodes != nil, target.place != .option("--faults") {
        sink.notice(
          "\(package.name): '\(known.name)' is left out, as it needs at least \(known.nodesMin) nodes")
        leftOut += 1
        continue
      }
      if mustFit, system.nodeCount < known.nodesMin {
        sink.report(
          "'\(known.name)' needs at least \(known.nodesMin) nodes, and the system has \(system.nodeCount)",
          at: target.place)
      }
      if chosen.contains(known.name) { sink.report("the target '\(known.name)' is there twice", at: target.place) }
      chosen.append(known.name)
    }
    if leftOut == asked.count, leftOut > 0 {
      sink.report("none of its targets is possible with \(system.nodeCount) nodes", at: request.name.place)
    }
    return chosen
  }

  /// `every` and `hold`: half of the time broken where only one or neither is given.
  private func times(_ request: FaultRequest, _ duration: Double) -> (every: Double, hold: Double) {
    let (everyGiven, holdGiven) = (seconds(request.every), seconds(request.hold))
    var every = everyGiven ?? Self.defaultEvery(durationSeconds: duration)
    if everyGiven == nil, let holdGiven { every = max(every, 2 * holdGiven) }
    let hold = holdGiven ?? every / 2
    let place = (request.hold ?? request.every ?? request.name).place
    if hold >= every {
      sink.report(
        "hold (\(Units.plain(hold))s) must be less than every (\(Units.plain(every))s): a fault heals before its next "
          + "injection", at: place)
    } else if hold + Self.tailSeconds > duration {
      let room = request.from == nil && request.until == nil ? "the duration" : "its phase"
      sink.report(
        "\(request.name.text) would never be injected: hold (\(Units.plain(hold))s) does not fit into \(room) "
          + "(\(Units.plain(duration))s)", at: place)
    }
    return (every, hold)
  }

  private func seconds(_ text: FaultRequest.Text?) -> Double? {
    guard let text else { return nil }
    do {
      return try Units.duration(text.text, max: PlanLimits.durationSecondsMax)
    } catch {
      sink.report(error.message, at: text.place)
      return nil
    }
  }
}

extension SystemDescription {
  /// What a fault that needs the capability lacks in this description; nil: nothing, as far as a description can tell.
  fileprivate func absence(_ capability: Capability) -> String? {
    switch capability {
    case .primaries where primary == nil: "to know who leads, and system.primary is not described"
    case .versions where versions.isEmpty: "another version to run, and system.versions is not described"
    case .membership where membership == nil: "requests that change the members, and system.membership is not described"
    case .primaries, .membership, .processes, .network, .clocks, .processors, .packets, .disks, .versions, .boots: nil
    }
  }
}
