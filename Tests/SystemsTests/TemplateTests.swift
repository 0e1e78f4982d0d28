import Histories
import Testing

@testable import Systems

@Suite struct TemplateTests {
  @Test(arguments: [
    ("plain text", "plain text"),
    ("", ""),
    ("{{ node.name }}={{node.number}}", "n2=2"),
    ("http://{{ node.address }}:{{ node.ports.http }}/x", "http://10.0.0.2:8000/x"),
    ("{{ node.dataDir }} {{ node.logFile }}", "/run/n2/data /run/n2/log"),
    (
      "{{ nodes | map('{name}=http://{address}:{ports.peer}') | join(',') }}",
      "n1=http://10.0.0.1:8001,n2=http://10.0.0.2:8001,n3=http://10.0.0.3:8001"
    ),
    ("{{ peers | map('{number}') | join(' ') }}", "1 3"),
    ("{{ params.bug }}/{{ params.heartbeat }}", "none/50"),
    ("{{ run.id }} {{ run.dir }}", "20261122-7 /run"),
    ("{{ op.id }} {{ op.function }} {{ op.key }} {{ op.value }}", "17 write 4 9"),
    ("{{ op.key | string | base64 }}", "NA=="),
    ("{{ 'cjQ=' | base64decode }}", "r4"),
    ("{{ 'a b/ü' | urlencode }}", "a%20b%2F%C3%BC"),
    ("{{ op.from | default('none') }}", "none"),
    ("{{ op.from | json }}", "null"),
    ("{{ '5' | int }}", "5"),
    ("{{ 29 | div(8) }}.{{ 29 | mod(8) }} {{ -1 | div(8) }}.{{ -1 | mod(8) }}", "3.5 -1.7"),
    ("{{ op.value.x | json }} {{ op.value[0] | default('none') }}", "null none"),
    ("{{ '{{' }} stays }}", "{{ stays }}"),
  ])
  func renders(_ template: String, _ expected: String) throws {
    #expect(try Template(template).text(Fixture.scope(Fixture.keyed("write", 9))) == expected)
  }

  @Test(arguments: [
    ("{{ node.adress }}", 9, "unknown field of a node 'adress'; did you mean 'address'?"),
    ("x {{ nod.name }}", 6, "unknown variable 'nod'; did you mean 'node'?"),
    ("{{ op.value | jsno }}", 15, "unknown filter 'jsno'; did you mean 'json'?"),
    ("{{ op.value", 1, "'{{' is not closed by '}}'"),
    ("ab{{ op.value }", 15, "expected '|' or '}}', not '}'"),
    ("{{ }}", 4, "expected a variable, not '}'"),
    ("{{ node }}", 8, "node needs a field: name, number, address, dataDir, logFile or ports.NAME"),
    ("{{ node.ports }}", 14, "ports needs a field: the name of a port"),
    ("{{ nodes }}", 10, "nodes is a list of nodes: write nodes | map('{name}') | join(',')"),
    ("{{ nodes | join(',') }}", 10, "nodes is a list of nodes: write nodes | map('{name}') | join(',')"),
    ("{{ nodes | map('{nam}') }}", 18, "unknown field of a node 'nam'; did you mean 'name'?"),
    ("{{ nodes | map('{name') }}", 22, "expected '}', not '''"),
    ("{{ nodes | map('{name}) }}", 16, "the text is not closed"),
    ("{{ op.value | map('{name}') }}", 15, "map works on nodes and peers only"),
    ("{{ op.value | default }}", 23, "expected '(' and an argument of default, not '}'"),
    ("{{ op.value | join(3) }}", 15, "join needs a text: join(',')"),
    ("{{ op.valeu }}", 7, "unknown field of op 'valeu'; did you mean 'value'?"),
    ("{{ run.name }}", 8, "unknown field of run 'name'; known: id, dir"),
    ("{{ 1-2 }}", 4, "'1-2' is not a number"),
    ("{{ op.key | mod(0) }}", 13, "mod needs an integer from 1 on: mod(8)"),
    ("{{ op.key | div('x') }}", 13, "div needs an integer from 1 on: div(8)"),
    ("{{ op.value[x] }}", 13, "expected an index or a name in quotes"),
    ("{{ op.value[1 }}", 12, "'[' is not closed by ']'"),
  ])
  func refuses(_ text: String, _ column: Int, _ message: String) {
    #expect(throws: TemplateError(message, column: column)) { try Template(text) }
  }

  @Test func partsOfAValueAreReached() throws {
    let scope = Fixture.scope(Fixture.keyed("send", [7, ["a b": [1, "x"]]]))
    #expect(try Template("{{ op.value[1]['a b'] }}").value(scope) == [1, "x"])
    #expect(try Template("{{ op.value[1]['a b'][-1] }}!").text(scope) == "x!")
    #expect(try Template("{{ op.value[0] }}").value(scope) == 7)
  }

  @Test func keepsTheTypeOfAWholeExpression() throws {
    let scope = Fixture.scope(Fixture.keyed("write", 9))
    #expect(try Template("{{ op.value }}").value(scope) == 9)
    #expect(try Template("{{ op.value | string }}").value(scope) == "9")
    #expect(try Template("{{ op.from }}").value(scope) == nil)
    #expect(try Template(" {{ op.value }}").value(scope) == " 9")
    #expect(try Template("{{ nodes | map('{number}') }}").value(scope) == ["1", "2", "3"])
  }

  @Test func knowsTheHalvesOfACompareAndSetAndOfATransfer() throws {
    let template = try Template("{{ op.from }}>{{ op.to }}")
    #expect(try template.text(Fixture.scope(Fixture.keyed("cas", [3, 8]))) == "3>8")
    let transfer = PendingOperation(
      id: 1, function: "transfer", value: ["from": "a", "to": "b", "amount": 5], keyed: false)
    #expect(try template.text(Fixture.scope(transfer)) == "a>b")
  }

  /// A null in a path would be a quiet mistake.
  @Test(arguments: [
    ("/kv/{{ op.from }}", 8, "the value is null: use default(…) or json"),
    ("{{ op.value | int }}", 4, "the value is not an integer"),
    ("{{ op.value | base64decode }}", 4, "the value is not base64 of UTF-8 text"),
    ("{{ params.nothing }}", 4, "'params.nothing' is not known here"),
    ("{{ node.ports.nothing }}", 4, "node n2 has no port 'nothing'"),
    ("{{ peers | map('{ports.nothing}') | join(',') }}", 18, "node n1 has no port 'nothing'"),
    ("{{ op.value | join(',') }}", 4, "join needs a list"),
  ])
  func failsToRender(_ text: String, _ column: Int, _ message: String) throws {
    let template = try Template(text)
    let scope = Fixture.scope(Fixture.keyed("write", "x y"))
    #expect(throws: TemplateError(message, column: column)) { try template.text(scope) }
  }

  @Test func withoutAnOperationThereIsNoOp() throws {
    let template = try Template("{{ op.id }}")
    #expect(throws: TemplateError("'op' is not known here", column: 4)) { try template.text(Fixture.scope()) }
  }

  @Test func theDefaultNodeNameIsWhatItsTextSays() throws {
    #expect(Template.defaultNodeName == (try Template("n{{ node.number }}")))
  }

  @Test func foldsAllButTheOperation() throws {
    let template = try Template("http://{{ node.address }}/{{ op.key }}?{{ params.bug }}")
    let folded = try template.folded(Fixture.scope())
    #expect(folded.segments.count == 3)
    #expect(try folded.text(TemplateScope(invocation: Fixture.keyed("read", nil))) == "http://10.0.0.2/4?none")
    #expect(folded.description == template.description)
  }

  @Test func tellsWhatItRefersTo() throws {
    let template = try Template("{{ params.bug }}{{ nodes | map('{name}:{ports.peer}') | join(',') }}")
    let expected: [TemplateReference] = [
      TemplateReference(name: .root(.params), column: 4), TemplateReference(name: .parameter("bug"), column: 4),
      TemplateReference(name: .root(.nodes), column: 20), TemplateReference(name: .port("peer"), column: 41),
    ]
    #expect(template.references == expected)
  }

  @Test func jsonBodiesKeepTypesAndOrder() throws {
    let document = JSONTemplate.map([
      .init(key: "z", value: .template(try Template("{{ op.value }}"))),
      .init(key: "a", value: .list([.constant(1), .template(try Template("r{{ op.key }}"))])),
      .init(key: "n", value: .template(try Template("{{ node.number }}"))),
    ])
    let folded = try document.folded(Fixture.scope())
    var buffer: [UInt8] = []
    try folded.append(to: &buffer, TemplateScope(invocation: Fixture.keyed("write", [true, "q\""])))
    #expect(String(decoding: buffer, as: UTF8.self) == #"{"z":[true,"q\""],"a":[1,"r4"],"n":2}"#)
  }
}
