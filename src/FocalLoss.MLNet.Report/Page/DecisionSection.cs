namespace FocalMlNet.Report;

/// <summary>The part of the page where a threshold is chosen. What its fields say is the script's.</summary>
internal static class DecisionSection
{
    public static Html Of(ReportContent content)
    {
        var byWeight = content.IsWeighted ? ", by weight" : "";
        var ofWeights = content.IsWeighted ? " Rows have weights: each class counts for as many rows of equal weight as say as much." : "";
        return new($"""
            {PageSections.Section("decision", "The decision")}
            <p>Above the threshold a row gets an alert. Say what a decision costs, and move the threshold to where you want it.</p>
            <noscript><p class="problem">This part needs JavaScript, which is switched off. The rest of the page does not.</p></noscript>
            <div class="decide">
            {Costs(content.Costs)}
            <div class="threshold">
            <p class="pick"><label for="model">Model</label> <select id="model">{Models(content)}</select></p>
            <p class="label">What 1,000 rows cost, by threshold</p>
            <div id="cost-picture" class="cost-picture"></div>
            <p class="slider"><label for="slider" class="hidden">Threshold</label>
            <input type="range" id="slider" min="0" max="1000" step="any" value="500"></p>
            <p class="typed"><label for="threshold">Threshold</label>
            <input type="text" inputmode="decimal" id="threshold" autocomplete="off" aria-describedby="threshold-note">
            <button type="button" id="lowest">Go to the lowest cost</button></p>
            <p class="note" id="threshold-note"></p>
            <div id="policies" class="policies" role="group" aria-label="Thresholds to go to"></div>
            {PageSections.Note(content.ThresholdNote)}
            </div>
            </div>
            <div class="outcome">
            <div class="money"><p class="label" id="cost-label">Expected cost of 1,000 rows</p>
            <p class="big"><output id="cost"></output></p>
            <p><output id="cost-interval"></output></p>
            <p><output id="saved"></output></p></div>
            <table class="confusion"><caption>The {content.Rows:N0} held-out rows{byWeight}</caption>
            <thead><tr><td></td><th scope="col">alert</th><th scope="col">no alert</th></tr></thead>
            <tbody><tr><th scope="row">positive</th>{Cell("tp", "right", "found")}{Cell("fn", "wrong", "missed")}</tr>
            <tr><th scope="row">negative</th>{Cell("fp", "wrong", "false alerts")}{Cell("tn", "right", "left alone")}</tr></tbody></table>
            <dl class="rates">
            <div><dt>Recall <small>found of the positives</small></dt>
            <dd><output id="recall"></output><small id="recall-interval"></small></dd></div>
            <div><dt>Precision <small>right of the alerts</small></dt>
            <dd><output id="precision"></output><small id="precision-interval"></small></dd></div>
            <div><dt>Alerts <small>of 1,000 rows</small></dt><dd><output id="alerts"></output></dd></div></dl>
            </div>
            <p class="hidden" role="status" aria-live="polite" id="status"></p>
            <p class="note">Intervals are at 95 %: exact ones (Clopper and Pearson) of shares, and for the cost those of the four counts
            taken together (Zou and Donner, 2008).{ofWeights}</p>
            </section>

            """);
    }

    private static Html Models(ReportContent content)
    {
        Html models = new();
        foreach (var (model, i) in content.Models.Select((model, i) => (model, i)))
        {
            Html selected = i == content.Chosen ? new($" selected") : new();
            models.Add($"<option value=\"{i}\"{selected}>{PlainText.Short(model.Name)}</option>");
        }

        return models;
    }

    private static Html Costs(CostContent costs) => new($"""
        <fieldset class="costs"><legend>What a decision costs</legend>
        {Cost("fn", "A missed positive costs", -costs.FalseNegative)}
        {Cost("fp", "A false alert costs", -costs.FalsePositive)}
        {Cost("tp", "An alert that is right brings in", costs.TruePositive)}
        {Cost("tn", "No alert, and rightly so, brings in", costs.TrueNegative)}
        <p class="note">In any unit: the costs below are in the same. What costs instead of bringing in is negative.</p>
        </fieldset>
        """);

    private static Html Cost(string id, string label, double value)
    {
        // No minus before 0.
        var shown = value == 0 ? 0 : value;
        return new($"""
            <p><label for="cost-{id}">{label}</label>
            <input type="text" inputmode="decimal" autocomplete="off" id="cost-{id}" value="{shown:R}">
            <span class="problem" id="cost-{id}-problem" role="alert"></span></p>
            """);
    }

    private static Html Cell(string id, string kind, string word)
        => new($"<td class=\"{kind}\"><output id=\"{id}\"></output><small>{word}</small></td>");
}
