//! The plot: the CPU time and memory of each peer for each task, as bars relative to the largest in the row.

use std::fmt::Write as _;

use crate::{Cost, Measured};

const BAR: f64 = 240.0;
const ROW: f64 = 18.0;
const LEFT: f64 = 150.0;
const COLORS: [&str; 4] = ["#8a8f98", "#7b2ff7", "#3572a5", "#c12127"];

pub(crate) fn plot(tasks: &[(&str, &str)], peers: &[(&str, &str)], measured: &Measured) -> String {
    let mut body = String::new();
    let mut y = 40.0;
    for ((_, task), costs) in tasks.iter().zip(measured) {
        let _ = writeln!(body, r#"<text x="10" y="{y}" font-weight="bold">{task}</text>"#);
        y += 8.0;
        let largest = |of: fn(&Cost) -> f64| costs.iter().flatten().map(of).fold(f64::MIN_POSITIVE, f64::max);
        let (cpu, memory) = (largest(|cost| cost.cpu_ms), largest(|cost| cost.memory_mib));
        for (((_, peer), cost), color) in peers.iter().zip(costs).zip(COLORS) {
            let Some(cost) = cost else { continue };
            let _ = writeln!(body, r#"<text x="{}" y="{}" text-anchor="end">{peer}</text>"#, LEFT - 8.0, y + 13.0);
            bar(&mut body, LEFT, y, cost.cpu_ms / cpu, color, &format!("{:.0} ms", cost.cpu_ms));
            let right = LEFT + BAR + 90.0;
            bar(&mut body, right, y, cost.memory_mib / memory, color, &format!("{:.0} MiB", cost.memory_mib));
            y += ROW;
        }
        y += 24.0;
    }
    let (width, right) = (LEFT + 2.0 * BAR + 180.0, LEFT + BAR + 90.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {y}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"18\">CPU time</text>\n<text x=\"{right}\" y=\"18\">Peak memory</text>\n{body}</svg>\n"
    )
}

fn bar(body: &mut String, x: f64, y: f64, part: f64, color: &str, label: &str) {
    let width = (part * BAR).max(1.0);
    let _ = writeln!(body, r#"<rect x="{x}" y="{}" width="{width:.1}" height="13" fill="{color}"/>"#, y + 2.0);
    let _ = writeln!(body, r#"<text x="{:.1}" y="{}">{label}</text>"#, x + width + 5.0, y + 13.0);
}
