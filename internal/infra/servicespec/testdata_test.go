package servicespec_test

// whole is a service that uses everything the language has: a scholarship for children of poor households.
const whole = `
code: scholarship
version: 1
agency: education
languages: [en]
number: "SC-{yyyy}-{seq:6}"
name: {en: Scholarship}
summary: {en: Money for school}
places: [CV-PR]
sources: [{title: {en: "Decree 1/2026"}, url: "https://example.org/law"}]
needs: [{en: Patience}]
roles: [{code: clerk, name: {en: Clerk}}, {code: head, name: {en: Head}}, {code: visitor, name: {en: Visitor}}]
rules:
  - {name: poor, text: {en: The household earns little}, when: "total_income < 5000000"}
  - {name: large, text: {en: The household is large}, when: "size(members) >= 3"}
  - {name: needy, text: {en: The household is in need}, when: "rule.poor && (rule.large || table.weight >= 2)"}
  - {name: minor, text: {en: The member is a child}, when: "row.age < 18", each: members}
tables:
  - name: weight
    text: {en: How much a case weighs}
    inputs: [region, size(members)]
    rows:
      - {if: [inner, "[1..3]"], then: "1"}
      - {if: ["inner, coast", "> 3"], then: "2"}
      - {if: ["not coast", "-"], then: "3"}
    otherwise: "0"
lookups:
  - {name: pupil, registry: pupils, key: school_number, purpose: {en: To see the marks}, consent: agree, fields: [{name: marks, as: number}, {name: school, as: text}]}
eligibility:
  text: {en: For households that earn little.}
  questions:
    - {code: region, kind: choice, label: {en: "Where do you live?"}, options: [{code: inner, label: {en: Inland}}, {code: coast, label: {en: On the coast}}, {code: abroad, label: {en: Abroad}}]}
  rules:
    - {when: 'region != "abroad"', yes: {en: You live here}, no: {en: Only for residents}, instead: {en: Ask the embassy}, link: "https://example.org"}
    - {when: poor, no: {en: Your household earns too much}}
    - {when: "size(members) < 10", no: {en: That is a big household}, advisory: true}
form:
  pages:
    - code: household
      title: {en: Your household}
      questions:
        - {code: applicant, kind: name, parts: [given, family], label: {en: Your name}, prefill: profile.name}
        - code: region
          kind: choice
          label: {en: "Where do you live?"}
          options: [{code: inner, label: {en: Inland}}, {code: coast, label: {en: On the coast}}, {code: abroad, label: {en: Abroad}}]
        - {code: town, kind: choice, refdata: towns, of: region, label: {en: Town}, required: false}
        - code: members
          kind: group
          row: member
          label: {en: Members of your household}
          row_title: {en: "{row.name} ({member.age})"}
          min: 1
          max: 200
          valid: members.unique(m, m.name)
          message: {en: Nobody twice}
          fields:
            - {code: name, kind: name, label: {en: Name}}
            - {code: age, kind: number, label: {en: "How old is {member.name}?"}, min: 0, max: 120}
            - {code: works, kind: yesno, label: {en: "Does {row.name} work?"}, when: "!rule.minor"}
            - {code: income, kind: money, label: {en: Income}, min: 0, when: row.works}
            - {code: relation, kind: choice, label: {en: Relation}, required: "row.age < 18 && size(region) > 0", options: [{code: child, label: {en: Child}}, {code: other, label: {en: Other}, when: "row.age >= 18 || region == \"coast\""}]}
            - {code: adult, kind: computed, as: yesno, value: "row.age >= 18", label: {en: Adult}, hidden: true}
        - {code: total_income, kind: computed, as: money, value: "members.sum(m, orElse(m.income, 0))", label: {en: Income of all}}
    - code: home
      title: {en: "The home of {applicant}"}
      questions:
        - {code: rooms, kind: number, places: 1, unit: rooms, min: 0.5, max: 50, label: {en: Rooms}}
        - {code: home, kind: address, levels: [ilha, concelho], within: CV, label: {en: Address}}
        - {code: spot, kind: point, label: {en: On the map}, required: false}
        - {code: since, kind: month, label: {en: "Since when?"}, valid: since <= today, message: {en: Not in the future}}
        - {code: call_at, kind: time, label: {en: "When may we call?"}, required: false}
        - {code: nif, kind: id, scheme: nif_pt, label: {en: NIF}}
        - {code: plot, kind: id, pattern: "[A-Z]{2}[0-9]{3}", message: {en: Like AB123}, label: {en: Plot}, required: false}
        - {code: helps, kind: choices, label: {en: Help you get}, options: [{code: food, label: {en: Food}}, {code: rent, label: {en: Rent}}, {code: none, label: {en: None}, alone: true}]}
        - {code: health, kind: longtext, sensitivity: special, seen_by: [head], label: {en: Illness}, required: "helps.exists(h, h == \"food\")"}
    - code: school
      title: {en: School}
      when: members.any(m, m.age < 18)
      questions:
        - {code: agree, kind: yesno, label: {en: "May we look at the register of pupils?"}}
        - {code: school_number, kind: text, label: {en: Number of the pupil}, when: agree}
        - {code: school, kind: text, label: {en: School}, prefill: lookup.pupil.school, required: false}
        - {code: told, kind: info, label: {en: "{applicant} and {school}"}}
    - code: papers
      title: {en: Papers}
      questions:
        - {code: identity, kind: document}
        - {code: income_proof, kind: document}
        - {code: photos, kind: file, label: {en: Photos}, required: false, max_files: 3, accept: [image/*]}
        - {code: signature, kind: signature, label: {en: Sign}}
documents:
  - code: identity
    name: {en: Identity document}
    sensitivity: personal
    proofs:
      - {code: passport, name: {en: Passport}, max_files: 2}
      - {code: wallet, name: {en: From your wallet}, credential: id-card}
      - {code: register, name: {en: The register of pupils}, lookup: pupil}
  - {code: income_proof, name: {en: Proof of income}, when: "total_income > 0", optional: true}
fees:
  - {code: base, name: {en: Base}, slabs: {by: rooms, steps: [{up_to: 2, amount: 1000}, {up_to: 4, amount: 2000}, {amount: 3000, each: 100}]}}
  - {code: heads, name: {en: Heads}, per: {count: size(members), amount: 50, free: 2}}
  - {code: stamp, name: {en: Stamp}, percent: {rate: "7.5", of: [base], rounding: up}, round: {to: 10, how: up}, least: 20, most: 500}
  - {code: late, name: {en: Late}, kind: penalty, when: 'today > date("2026-12-31")', percent: {rate: 10, times: "max(0, months(date(\"2026-12-31\"), today)) + 1"}}
  - {code: poor, name: {en: For the poor}, kind: rebate, when: poor, percent: {rate: "50"}, again: [correction]}
  - {code: visit, name: {en: Visit}, amount: "orElse(distance, 0) * 10", again: [visited]}
target: {working_days: 10, warn_percent: 80, cases: [{when: "rule.needy", working_hours: 24}]}
workflow:
  start: pay
  states:
    - {code: pay, kind: payment, name: {en: Pay}}
    - code: check
      role: clerk
      name: {en: Check}
      target: 2 working days
      warn_percent: 50
      assign: {by: load, area: home, when: 'region == "inner"'}
      escalate:
        - {code: slow, after: 3 working days, notify: ["role:head"]}
        - {code: close, before: 1 working day, role: head}
    - {code: fix, kind: citizen, name: {en: Correct}}
    - code: visits
      kind: parallel
      name: {en: Visits}
      join: all
      branches:
        - code: home-visit
          name: {en: Home}
          start: home-wait
          states:
            - {code: home-wait, kind: field, role: visitor, name: {en: To visit}}
            - {code: home-ok, kind: done, outcome: fine, name: {en: Fine}}
            - {code: home-bad, kind: done, outcome: bad, name: {en: Bad}}
        - code: school-visit
          name: {en: School}
          when: members.any(m, m.age < 18)
          start: school-wait
          states:
            - {code: school-wait, role: clerk, name: {en: To ask}}
            - {code: school-ok, kind: done, outcome: fine, name: {en: Fine}}
    - {code: decide, role: head, name: {en: Decide}, assign: {by: same, as: forward}}
    - {code: granted, kind: end, outcome: approved, name: {en: Granted}}
    - {code: refused, kind: end, outcome: rejected, name: {en: Refused}}
    - {code: gone, kind: end, outcome: withdrawn, name: {en: Withdrawn}}
  reasons:
    - {code: too-rich, name: {en: Earns too much}, text: {en: Your household earns too much.}}
    - {code: incomplete, name: {en: Incomplete}}
  actions:
    - {code: paid, from: pay, to: check, by: system, on: paid, name: {en: Paid}}
    - {code: expire, from: [pay, fix], to: gone, by: system, on: timer, after: 10 working days, name: {en: Not in time}}
    - code: forward
      from: check
      to: visits
      name: {en: Forward}
      checklist: [{code: complete, label: {en: All is there}}, {code: pupil, label: {en: The pupil is there}, when: agree}]
      documents: [{code: report, label: {en: Report}, optional: true}]
    - {code: send-back, kind: send_back, from: check, to: fix, name: {en: Send back}, comment: required, reasons: [incomplete], effect: [request_correction]}
    - {code: sent, from: fix, to: check, by: citizen, on: submitted, name: {en: Send}}
    - {code: withdraw, kind: withdraw, from: [check, fix, decide], to: gone, by: citizen, name: {en: Withdraw}, style: warning}
    - code: visited
      from: home-wait
      to: home-ok
      name: {en: Visited}
      questions: [{code: distance, kind: number, label: {en: Kilometres}, min: 0}, {code: leaks, kind: yesno, label: {en: "Does it leak?"}, required: false}]
      effect: [reassess_fees]
    - {code: not-home, from: home-wait, to: home-bad, name: {en: Nobody at home}}
    - {code: asked, from: school-wait, to: school-ok, name: {en: Asked}}
    - {code: joined, from: visits, to: decide, by: system, on: joined, name: {en: All visited}, guard: 'branch.home_visit == "fine"'}
    - {code: joined-bad, from: visits, to: refused, by: system, on: joined, name: {en: Badly}, guard: 'branch.home_visit != "fine"', effect: ["send_letter:refusal"]}
    - code: grant
      kind: approve
      from: decide
      to: granted
      name: {en: Grant}
      guard: "rule.needy || orElse(leaks, false)"
      message: {en: Only for those in need}
      separate_from: forward
      effect: [issue_certificate, "record:scholars", "send_letter:grant"]
    - {code: refuse, kind: reject, from: decide, to: refused, name: {en: Refuse}, reasons: [too-rich, incomplete], effect: ["send_letter:refusal"]}
    - {code: appeal, kind: appeal, from: refused, to: decide, by: citizen, within: 15 working days, name: {en: Appeal}}
    - {code: reopen, kind: reopen, from: granted, to: decide, role: head, within: 5 working days, name: {en: Reopen}}
notices:
  - {on: submitted, channel: [sms], text: {en: "{applicant}: {reference}"}}
  - {on: approved, when: "rule.large", channel: [email], subject: {en: Granted}, text: {en: "Granted, {promised}"}}
  - {on: "state:decide", to: ["role:head"], channel: [portal], text: {en: "{reference} is ready"}}
  - {on: "action:forward", to: [assignee], channel: [portal], text: {en: "{reference}"}}
  - {on: "escalation:slow", to: ["role:head"], channel: [portal], text: {en: "{reference} is slow"}}
certificates:
  - type: scholar
    title: {en: "Scholar {name}"}
    body: {en: "{name} has a scholarship until {valid_until}"}
    valid_until: addYears(issued_on, 1)
    number: "SCH-{seq:5}"
    claims:
      - {name: name, label: {en: Name}, from: applicant, disclosable: true}
      - {name: children, label: {en: Children}, from: "members.count(m, m.age < 18)"}
      - {name: region, label: {en: Region}, from: label(region)}
      - {name: until, label: {en: Until}, from: valid_until}
  - {type: visited-home, when: "answered(distance)", title: {en: Visited}, body: {en: x}, valid_days: 30, claims: [{name: km, label: {en: Km}, from: distance}]}
letters:
  - {code: grant, title: {en: Granted}, body: {en: "Dear {applicant}, {comment}"}}
  - {code: refusal, when: 'outcome == "rejected"', title: {en: Refused}, body: {en: "{health}"}, number: "L-{seq:4}"}
records:
  - {registry: scholars, key: nif, fields: [{name: name, label: {en: Name}, from: applicant}, {name: area, label: {en: Area}, from: home.area}]}
feedback:
  text: {en: "How was it?"}
  questions: [{code: stars, kind: number, min: 1, max: 5, label: {en: Stars}}]
scenarios:
  - name: A poor household is granted
    today: 2026-11-23
    holder: Ana Tavares
    lookups: {pupil: {marks: 17, school: Liceu}}
    refdata: {towns: {assomada: {of: inner}}}
    areas: {CV-PR: concelho, CV: ilha}
    holidays: [2026-12-01]
    answers:
      applicant: {given: Ana, family: Tavares}
      region: inner
      town: assomada
      members:
        - {name: Ana, age: 40, works: true, income: 900000, relation: other}
        - {name: Bia, age: 12, relation: child}
        - {name: Caio, age: 9, relation: child}
      rooms: 2.5
      home: {area: CV-PR, lines: "Rua 5"}
      since: "2020-01"
      nif: "123456789"
      helps: [food]
      health: Asthma
      agree: true
      school_number: P-1
      identity: wallet
      income_proof: file
      signature: Ana Tavares
    expect:
      visible: [school_number, members.1.works]
      hidden: [members.2.works]
      eligible: true
      values: {total_income: 900000, rule.poor: true, rule.needy: true, table.weight: 1, lookup.pupil.marks: 17}
      documents: [identity, income_proof]
      fees: {base: 2000, heads: 50, stamp: 150, poor: -1100}
      total: 1100
      state: pay
      due: 2026-11-26
      notices: [submitted]
    steps:
      - signal: paid
        expect: {state: check, notices: [], actions: [forward, send-back, withdraw]}
      - {do: forward, unticked: [pupil], refused: checklist}
      - {do: forward, role: head, refused: role}
      - {do: send-back, items: [nif, members.1.age], reasons: [incomplete], expect: {state: fix}}
      - wait: 2 working days
      - correct: {nif: "123456789"}
        expect: {state: check, due: 2026-11-30}
      - wait: 3 working days
        expect: {notices: ["escalation:slow"], overdue: false}
      - do: forward
        person: carla
        expect: {state: visits, branches: {home-visit: home-wait, school-visit: school-wait}, notices: ["action:forward"]}
      - {do: visited, refused: findings}
      - do: visited
        findings: {distance: 7}
        expect: {state: visits, branches: {home-visit: home-ok, school-visit: school-wait}, fees: {base: 2000, heads: 50, stamp: 150, poor: -1100, visit: 70}}
      - do: asked
        expect: {state: decide, notices: ["state:decide"]}
      - {do: grant, person: carla, refused: separation}
      - do: grant
        expect:
          state: granted
          outcome: approved
          notices: [approved]
          letters: [grant]
          certificates: {scholar: {name: Ana Tavares, children: 2, region: Inland, until: "2027-11-30"}, visited-home: {km: 7}}
          records: {scholars: {area: CV-PR}}
      - {wait: 6 working days}
      - {do: reopen, refused: time}
  - name: A late and careless one
    today: 2027-02-01
    answers: {region: abroad, members: [{name: X, age: 30, works: false, relation: other}, {name: X, age: 3, relation: other}], rooms: 0.25, nif: "123456780"}
    expect:
      problems: {applicant: required, eligibility: not_eligible, members.1.relation: not_an_option, rooms: too_many_places, agree: required, home: required, since: required, nif: wrong_check_digit, helps: required, identity: required, signature: required}
`
