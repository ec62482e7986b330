//! Figures: what was measured, the median over the runs, beside the floor's and the goal. Prints, and never measures.

use std::io::{self, Write};

use serde_json::{Value, json};

/// One measured value of one run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) value: f64,
}

/// What a figure should reach.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    pub(super) figure: &'static str,
    pub(super) bound: Bound,
}

/// The side of a value on which a goal lies.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bound {
    Most(f64),
    Least(f64),
    /// So many times the floor of the same run.
    FloorTimes(f64),
}

/// All runs of one scenario.
pub(super) struct Report {
    pub(super) scenario: &'static str,
    /// The settings, in words.
    pub(super) settings: String,
    pub(super) server: Vec<Vec<Figure>>,
    pub(super) floor: Vec<Vec<Figure>>,
    pub(super) goals: Vec<Goal>,
}

struct Row {
    name: &'static str,
    unit: &'static str,
    server: Option<f64>,
    floor: Option<f64>,
    ratio: Option<f64>,
}

impl Report {
    pub(super) fn print(&self, json: bool) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if json { writeln!(out, "{}", self.json()) } else { self.table(&mut out) }
    }

    fn rows(&self) -> Vec<Row> {
        let first = self.server.first().or(self.floor.first());
        let row = |figure: &Figure| Row {
            name: figure.name,
            unit: figure.unit,
            server: median(self.server.iter().filter_map(|run| value(run, figure.name)).collect()),
            floor: median(self.floor.iter().filter_map(|run| value(run, figure.name)).collect()),
            ratio: median(self.ratios(figure.name)),
        };
        first.into_iter().flatten().map(row).collect()
    }

    /// The ratio within each run, for the machine is not the same from one run to the next.
    fn ratios(&self, name: &str) -> Vec<f64> {
        let pairs = self.server.iter().zip(&self.floor);
        let ratio = |(server, floor): (&Vec<Figure>, &Vec<Figure>)| {
            let floor = value(floor, name).filter(|&floor| floor > 0.0)?;
            Some(value(server, name)? / floor)
        };
        pairs.filter_map(ratio).collect()
    }

    fn verdicts(&self, row: &Row) -> Vec<(String, bool)> {
        let goals = self.goals.iter().filter(|goal| goal.figure == row.name);
        goals.filter_map(|goal| goal.bound.judge(row)).collect()
    }

    fn json(&self) -> Value {
        let figures = self.rows().into_iter().map(|row| {
            let goals = self.verdicts(&row);
            let goals: Vec<_> =
                goals.into_iter().map(|(goal, met)| json!({"goal": goal, "met": met})).collect();
            let (server, floor, ratio) = (row.server, row.floor, row.ratio);
            let figure =
                json!({"unit": row.unit, "server": server, "floor": floor, "ratio": ratio, "goals": goals});
            (row.name.to_owned(), figure)
        });
        let figures: serde_json::Map<String, Value> = figures.collect();
        let runs = self.server.len().max(self.floor.len());
        json!({"scenario": self.scenario, "settings": self.settings, "runs": runs, "figures": figures})
    }

    fn table(&self, out: &mut impl Write) -> io::Result<()> {
        let runs = self.server.len().max(self.floor.len());
        let median = if runs > 1 { format!("; median of {runs} runs") } else { String::new() };
        writeln!(out, "{}: {}{median}", self.scenario, self.settings)?;
        writeln!(out, "  {:<36}{:>12}{:>12}{:>9}  goal", "", "server", "floor", "ratio")?;
        for row in self.rows() {
            let name = format!("{}, {}", row.name, row.unit);
            let ratio = row.ratio.map_or("-".into(), |ratio| format!("{ratio:.2}"));
            let verdicts = self.verdicts(&row);
            let verdicts: Vec<_> = verdicts
                .iter()
                .map(|(goal, met)| format!("{goal} {}", if *met { "met" } else { "MISSED" }))
                .collect();
            let line = format!(
                "  {name:<36}{:>12}{:>12}{ratio:>9}  {}",
                number(row.server),
                number(row.floor),
                verdicts.join(", ")
            );
            writeln!(out, "{}", line.trim_end())?;
        }
        writeln!(out)
    }
}

impl Bound {
    fn judge(self, row: &Row) -> Option<(String, bool)> {
        Some(match self {
            Bound::Most(bound) => (format!("at most {bound}"), row.server? <= bound),
            Bound::Least(bound) => (format!("at least {bound}"), row.server? >= bound),
            Bound::FloorTimes(bound) => (format!("at most {bound} x floor"), row.ratio? <= bound),
        })
    }
}

fn value(run: &[Figure], name: &str) -> Option<f64> {
    run.iter().find(|figure| figure.name == name).map(|figure| figure.value)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

/// Three digits that matter; thousands written out.
fn number(value: Option<f64>) -> String {
    match value {
        None => "-".into(),
        Some(value) if value.abs() >= 100.0 || value == 0.0 => format!("{value:.0}"),
        Some(value) if value.abs() >= 10.0 => format!("{value:.1}"),
        Some(value) if value.abs() >= 0.1 => format!("{value:.2}"),
        Some(value) => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_ratios_are_taken_run_by_run() {
        let run = |value| vec![Figure { name: "cost", unit: "µs", value }];
        let goals = vec![
            Goal { figure: "cost", bound: Bound::Most(3.0) },
            Goal { figure: "cost", bound: Bound::FloorTimes(1.5) },
        ];
        let (server, floor) = (vec![run(2.0), run(9.0), run(4.0)], vec![run(1.0), run(3.0), run(4.0)]);
        let report = Report { scenario: "test", settings: String::new(), server, floor, goals };
        let cost = &report.json()["figures"]["cost"];
        assert_eq!(cost["server"], 4.0);
        assert_eq!(cost["floor"], 3.0);
        assert_eq!(cost["ratio"], 2.0);
        assert_eq!(cost["goals"][0]["met"], false);
        assert_eq!(report.verdicts(&report.rows()[0]).len(), 2);
    }
}
