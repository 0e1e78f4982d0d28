import Histories
import Nemesis
import Systems

extension Plan {
  /// The whole plan as data, everything filled in: `plan.resolved.json`. Durations are numbers of seconds.
  public var resolved: Value {
    [
      "version": 1,
      "name": .string(name),
      "source": .string(source.file),
      "system": system.resolved(parameters),
      "client": client.resolved,
      "operations": .map(operations.mapValues(\.resolved)),
      "workload": ["name": .string(workload.name), "parameters": .map(workload.parameters)],
      "faults": .list(faults.map(\.resolved)),
      "keepQuorum": .bool(keepsQuorum),
      "claims": .list(claims.map { ["claim": .string($0.claim), "expect": .string($0.expect.rawValue)] }),
      "minimums": minimums.resolved,
      "duration": .double(durationSeconds),
      "recovery": .double(recoverySeconds),
      "online": .bool(online.isOn),
      "failFast": .bool(online.failFast),
      "concurrency": .int(Int64(concurrency)),
      "rate": rate.map { .double($0) } ?? .null,
      "seed": .string("\(seed)"),  // 64 bits: more than a JSON number is sure to keep
    ]
  }
}

extension SystemDescription {
  fileprivate func resolved(_ parameters: [String: Value]) -> Value {
    [
      "nodes": ["count": .int(Int64(nodeCount)), "name": .string(nodeName.description)],
      "ports": .list(ports.map { ["name": .string($0.name), "number": $0.number.map { .int(Int64($0)) } ?? .null] }),
      "dataDir": dataDirectory.map { .string($0.description) } ?? .null,
      "parameters": .map(parameters),
      "processes": .list(processes.map(\.resolved)),
      "stop": ["signal": "TERM", "grace": .double(stopGraceSeconds)],
      "ready": ready.map { probe($0.method, $0.url, $0.condition, timeout: $0.timeoutSeconds) } ?? .null,
      "primary": primary.map { probe($0.method, $0.url, $0.condition, timeout: nil) } ?? .null,
      "membership": membership?.resolved ?? .null,
      "versions": .map(
        Dictionary(versions.map { ($0.name, .map($0.parameters)) }, uniquingKeysWith: { first, _ in first })),
      "panic": .list(panic.map { .string($0) }),
    ]
  }

  private func probe(_ method: String, _ url: Template, _ condition: ResponseCondition, timeout: Double?) -> Value {
    [
      "method": .string(method), "url": .string(url.description), "when": condition.resolved,
      "timeout": timeout.map { .double($0) } ?? .null,
    ]
  }
}

extension MembershipDescription {
  fileprivate var resolved: Value {
    [
      "members": members.resolved, "add": add.resolved, "remove": remove.resolved, "name": .string(name.description),
      "timeout": .double(timeoutSeconds),
    ]
  }
}

extension ProcessDescription {
  fileprivate var resolved: Value {
    [
      "command": .list(command.map { .string($0.description) }),
      "env": .map(environment.mapValues { .string($0.description) }),
      "workdir": workingDirectory.map { .string($0.description) } ?? .null,
    ]
  }
}

extension ClientDescription {
  fileprivate var resolved: Value {
    [
      "baseURL": .string(baseURL.description), "timeout": .double(timeoutSeconds), "headers": headers.resolved,
      "placement": .string(placement.rawValue),
    ]
  }
}

extension [NamedTemplate] {
  /// A list, since a name may be there twice.
  fileprivate var resolved: Value {
    .list(map { ["name": .string($0.name), "value": .string($0.value.description)] })
  }
}

extension OperationDescription {
  fileprivate var resolved: Value {
    var fields: [String: Value] = [
      "readOnly": .bool(readOnly), "request": request.resolved, "outcomes": .list(outcomes.map(\.resolved)),
    ]
    if let resending {
      fields["resend"] = ["percent": .int(Int64(resending.percent)), "within": .double(resending.withinSeconds)]
    }
    return .map(fields)
  }
}

extension RequestDescription {
  fileprivate var resolved: Value {
    [
      "method": .string(method), "path": .string(path.description), "query": query.resolved,
      "headers": headers.resolved, "body": body.resolved,
    ]
  }
}

extension RequestDescription.Body {
  fileprivate var resolved: Value {
    switch self {
    case .none: .null
    case .text(let template): ["body": .string(template.description)]
    case .form(let items): ["form": items.resolved]
    case .json(let document): ["json": document.source]
    }
  }
}

extension OutcomeRule {
  fileprivate var resolved: Value {
    [
      "when": condition.resolved, "is": .string(kind.rawValue), "value": value.resolved,
      "error": error.map { .string($0) } ?? .null,
    ]
  }
}

extension OutcomeRule.Result {
  fileprivate var resolved: Value {
    switch self {
    case .invocation: "invocation"
    case .template(let template): .string(template.description)
    case .constant(let value): ["constant": value]
    case .extracted(let extraction): extraction.resolved
    case .list(let results): .list(results.map(\.resolved))
    }
  }
}

extension ValueExtraction {
  fileprivate var resolved: Value {
    var entries: [String: Value] = [:]
    switch source {
    case .jsonpath(let path): entries["jsonpath"] = .string(path.description)
    case .regex(let pattern): entries["regex"] = .string(pattern.source)
    case .header(let name): entries["header"] = .string(name)
    }
    entries["as"] = kind.map { .string($0.rawValue) }
    entries["decode"] = decoding.map { .string($0.rawValue) }
    entries["default"] = fallback
    entries["pick"] = pick.map { .string($0.description) }
    return .map(entries)
  }
}

extension ResponseCondition {
  fileprivate var resolved: Value {
    [
      "status": .list(status.map { .int(Int64($0)) }),
      "header": .list(headers.map { ["name": .string($0.name), "is": $0.expectation.resolved] }),
      "jsonpath": .list(paths.map { ["path": .string($0.path.description), "is": $0.expectation.resolved] }),
      "regex": regex.map { .string($0.source) } ?? .null,
    ]
  }
}

extension ResponseCondition.Expectation {
  fileprivate var resolved: Value {
    switch self {
    case .absent: "absent"
    case .present: "present"
    case .equals(let value): ["equals": value]
    }
  }
}

extension FaultSettings {
  fileprivate var resolved: Value {
    var entries: [String: Value] = [
      "name": .string(name), "targets": .list(targets.map { .string($0) }), "every": .double(every),
      "hold": .double(hold),
    ]
    if from > 0 { entries["from"] = .double(from) }
    entries["until"] = until.map(Value.double)
    if !arguments.isEmpty { entries["parameters"] = .map(arguments.mapValues(\.value)) }
    return .map(entries)
  }
}

extension Minimums {
  fileprivate var resolved: Value {
    .map(
      Dictionary(
        PlanDecoder.minimumKeys.map { ($0.0, .int(Int64(self[keyPath: $0.1]))) },
        uniquingKeysWith: { first, _ in first }))
  }
}
