//! The report as JSON, for programs, and as CSV, for spreadsheets.

use super::reporter::{BatchReport, FarmFigure, Figure, Report};
use super::row::RowProblem;
use super::targets::Target;
use crate::json::write_text;
use crate::kpi::json::{Object, write_kpi, write_list, write_ranked, write_real, write_summary};

impl Report {
    /// The report as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        let mut report = Object::new(&mut out);
        write_list(report.name("batches"), &self.batches, write_batch);
        write_list(report.name("ranking"), &self.ranking, write_ranked);
        let mut farm = Object::new(report.name("farm"));
        for (id, FarmFigure { n, mean, is_pooled, best_quarter }) in &self.farm {
            Object::new(farm.name(id))
                .whole("n", Some((*n).into()))
                .real("mean", Some(*mean))
                .text("mean_of", Some(if *is_pooled { "sums" } else { "batches" }))
                .real("best_quarter", *best_quarter)
                .end();
        }
        farm.end();
        let targets = &self.targets;
        Object::new(report.name("targets"))
            .text("breed", targets.breed.as_deref())
            .text("edition", targets.edition.as_deref())
            .text("basis", targets.basis.as_deref())
            .end();
        report
            .whole("batch_count", Some(self.batch_count.into()))
            .whole("rows", Some(self.rows.into()))
            .whole("problem_count", Some(self.problem_count.into()));
        write_list(report.name("problems"), &self.problems, write_problem);
        report.end();
        out
    }

    /// The figures as a table, a row for each figure of each batch: `batch, figure, value, unit, status, reason, n, missing, target,
    /// deviation, warnings`.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut table = csv::Writer::from_writer(Vec::new());
        let header = ["batch", "figure", "value", "unit", "status", "reason", "n", "missing", "target", "deviation", "warnings"];
        // Writing to memory does not fail.
        let _ = table.write_record(header);
        for batch in &self.batches {
            for Figure { kpi, target, deviation } in &batch.figures {
                let number = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
                let warnings = kpi.warnings.iter().map(|warning| warning.as_str()).collect::<Vec<_>>().join(" ");
                let _ = table.write_record([
                    formula_free(&batch.batch).as_str(),
                    kpi.id,
                    &number(kpi.value),
                    kpi.unit.as_str(),
                    kpi.status.as_str(),
                    kpi.reason.map_or("", |reason| reason.as_str()),
                    &kpi.n.to_string(),
                    &kpi.missing.to_string(),
                    &number(target.as_ref().map(|target| target.value)),
                    &number(deviation.as_ref().and_then(|deviation| deviation.value)),
                    &warnings,
                ]);
            }
        }
        table.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// A name that a spreadsheet does not run as a formula.
fn formula_free(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
        format!("'{name}")
    } else {
        name.to_owned()
    }
}

fn write_batch(out: &mut String, batch: &BatchReport) {
    let mut object = Object::new(out);
    object.text("batch", Some(&batch.batch)).text("species", batch.species.as_deref()).whole("age", batch.age.map(i128::from));
    write_list(object.name("figures"), &batch.figures, |out, figure| {
        let mut object = Object::new(out);
        write_kpi(object.name("kpi"), &figure.kpi);
        match &figure.target {
            Some(Target { value, unit }) => Object::new(object.name("target")).real("value", Some(*value)).text("unit", Some(unit)).end(),
            None => object.name("target").push_str("null"),
        }
        match &figure.deviation {
            Some(deviation) => write_kpi(object.name("deviation"), deviation),
            None => object.name("deviation").push_str("null"),
        }
        object.end();
    });
    match &batch.weights {
        Some((day, summary)) => {
            object.whole("weighed_on", Some((*day).into()));
            write_summary(object.name("weights"), summary);
        }
        None => {
            object.whole("weighed_on", None);
            object.name("weights").push_str("null");
        }
    }
    write_list(object.name("growth"), &batch.growth, |out, weighing| {
        Object::new(out)
            .whole("day", Some(weighing.day.into()))
            .whole("n", Some(weighing.n.into()))
            .real("mean_g", Some(weighing.mean_g))
            .real("uniformity", weighing.uniformity)
            .end();
    });
    write_list(object.name("mortality"), &batch.mortality, |out, (day, share)| {
        Object::new(out).whole("day", Some((*day).into())).real("share", Some(*share)).end();
    });
    write_list(object.name("laying"), &batch.laying, |out, (day, rate)| {
        Object::new(out).whole("day", Some((*day).into())).real("rate", Some(*rate)).end();
    });
    write_list(object.name("distribution"), &batch.distribution, |out, (weight, count)| {
        out.push('[');
        write_real(out, Some(*weight));
        out.push(',');
        out.push_str(&count.to_string());
        out.push(']');
    });
    write_list(object.name("incomplete"), &batch.incomplete, |out, text| write_text(out, text));
    write_list(object.name("implausible"), &batch.implausible, |out, text| write_text(out, text));
    object.end();
}

fn write_problem(out: &mut String, problem: &RowProblem) {
    Object::new(out)
        .whole("line", Some(problem.line.into()))
        .text("column", problem.column.as_deref())
        .text("text", Some(&problem.text))
        .text("reason", Some(&problem.reason))
        .text("effect", Some(&problem.effect))
        .end();
}
