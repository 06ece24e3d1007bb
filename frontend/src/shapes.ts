/** The answers of our server by their names, from the types that are generated from its OpenAPI. */

import type { components } from "./api-types";

type Shapes = components["schemas"];

export type Candle = Shapes["Candle"];
export type CandidateRow = Shapes["CandidateRow"];
export type Chart = Shapes["Chart"];
export type Clash = Shapes["Clash"];
export type DangerousChange = Shapes["DangerousChange"];
export type DayLine = Shapes["DayLine"];
export type DayWhole = Shapes["DayWhole"];
export type Days = Shapes["Days"];
export type ErrorHelp = Shapes["ErrorHelp"];
export type Gauge = Shapes["Gauge"];
export type Help = Shapes["Help"];
export type HistoryLine = Shapes["HistoryLine"];
export type Level = Shapes["Level"];
export type LogLine = Shapes["LogLine"];
export type LogPage = Shapes["LogPage"];
export type LotRisk = Shapes["LotRisk"];
export type Marker = Shapes["Marker"];
export type Odds = Shapes["Odds"];
export type OrderRow = Shapes["OrderRow"];
export type PlanFigures = Shapes["PlanFigures"];
export type Risk = Shapes["Risk"];
export type SettingRow = Shapes["SettingRow"];
export type SettingsPage = Shapes["SettingsPage"];
export type SettingsPreview = Shapes["SettingsPreview"];
export type SettingsSaved = Shapes["SettingsSaved"];
export type StrategyDay = Shapes["StrategyDay"];
export type TradeRow = Shapes["TradeRow"];
export type TradeTimes = Shapes["TradeTimes"];
