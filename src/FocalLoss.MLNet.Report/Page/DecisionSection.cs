namespace FocalMlNet.Report;

/// <summary>The part of the page where a threshold is chosen. What its fields say is the script's; it begins with the chosen model.</summary>
internal static class DecisionSection
{
    public static Html Of(ReportContent content)
    {
        Html models = new();
        foreach (var (model, i) in content.Models.Select((model, i) => (model, i)))
            models.Add($"<option value=\"{i}\"{(i == content.Chosen ? new Html($" selected") : new())}>{PlainText.Short(model.Name)}</option>");
        var costs = content.Costs;
        return new($"""
            {PageSections.Section("decision", "The decision")}
            <p>Above the threshold a row gets an alarm. Say what a decision costs, and move the threshold to where you want it.</p>
            <noscript><p class="problem">This part needs JavaScript, which is switched off. The rest of the page does not.</p></noscript>
            <div class="decide">
            <fieldset class="costs"><legend>What a decision costs</legend>
            {Cost("fn", "A missed positive costs", -costs.FalseNegative)}
            {Cost("fp", "A false alarm costs", -costs.FalsePositive)}
            {Cost("tp", "An alarm that is right brings in", costs.TruePositive)}
            {Cost("tn", "No alarm, and rightly so, brings in", costs.TrueNegative)}
            <p class="note">In any unit: the costs below are in the same. What costs instead of bringing in is negative.</p>
            </fieldset>
            <div class="threshold">
            <p class="pick"><label for="model">Model</label> <select id="model">{models}</select></p>
            <p class="label">What 1,000 rows cost, by threshold</p>
            <div id="cost-picture" class="cost-picture"></div>
            <p class="slider"><label for="slider" class="hidden">Threshold</label><input type="range" id="slider" min="0" max="1000" step="any" value="500"></p>
            <p class="typed"><label for="threshold">Threshold</label> <input type="text" inputmode="decimal" id="threshold" autocomplete="off" aria-describedby="threshold-note"> <button type="button" id="lowest">Go to the lowest cost</button></p>
            <p class="note" id="threshold-note"></p>
            <div id="policies" class="policies" role="group" aria-label="Thresholds to go to"></div>
            {PageSections.Note(content.ThresholdNote)}
            </div>
            </div>
            <div class="outcome">
            <div class="money"><p class="label" id="cost-label">Expected cost of 1,000 rows</p><p class="big"><output id="cost"></output></p><p><output id="cost-interval"></output></p><p><output id="saved"></output></p></div>
            <table class="confusion"><caption>The {content.Rows:N0} held-out rows{(content.IsWeighted ? ", by weight" : "")}</caption>
            <thead><tr><td></td><th scope="col">alarm</th><th scope="col">no alarm</th></tr></thead>
            <tbody><tr><th scope="row">positive</th><td class="right"><output id="tp"></output><small>found</small></td><td class="wrong"><output id="fn"></output><small>missed</small></td></tr>
            <tr><th scope="row">negative</th><td class="wrong"><output id="fp"></output><small>false alarms</small></td><td class="right"><output id="tn"></output><small>left alone</small></td></tr></tbody></table>
            <dl class="rates"><div><dt>Recall <small>found of the positives</small></dt><dd><output id="recall"></output><small id="recall-interval"></small></dd></div>
            <div><dt>Precision <small>right of the alarms</small></dt><dd><output id="precision"></output><small id="precision-interval"></small></dd></div>
            <div><dt>Alarms <small>of 1,000 rows</small></dt><dd><output id="alarms"></output></dd></div></dl>
            </div>
            <p class="hidden" role="status" aria-live="polite" id="status"></p>
            <p class="note">Intervals are at 95 %: exact ones (Clopper and Pearson) of shares, and for the cost those of the four counts taken together
            (Zou and Donner, 2008).{(content.IsWeighted ? " Rows have weights: each class counts for as many rows of equal weight as say as much." : "")}</p>
            </section>

            """);

        static Html Cost(string id, string label, double value)
            => new($"<p><label for=\"cost-{id}\">{label}</label> <input type=\"text\" inputmode=\"decimal\" autocomplete=\"off\" id=\"cost-{id}\" value=\"{(value == 0 ? 0 : value):R}\"><span class=\"problem\" id=\"cost-{id}-problem\" role=\"alert\"></span></p>");
    }
}
